import { ShapeError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import type { Attributes, Signature, Value } from './graph.js';

/** What an inference rule sees of a node that is about to be made. */
export interface Application {
  /** Name of the node with its scopes, for messages. */
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
}

/** Types and shapes of the outputs of a node. @throws {ShapeError} */
export type InferenceRule = (application: Application) => readonly Signature[];

/** The input at a position. @throws {ShapeError} when it is absent. */
export function requireInput(application: Application, index: number): Value {
  const value = application.inputs[index];
  if (!value) throw new ShapeError(`${application.name}: ${application.operator} needs input ${index}`);
  return value;
}

/** The content of a constant integer input, such as a shape or a list of axes. @throws {ShapeError} when it is not one. */
export function requireIntegers(application: Application, index: number): number[] {
  const value = requireInput(application, index);
  const tensor: HostTensor | undefined = value.constant;
  if (tensor?.type !== 'int64') {
    throw new ShapeError(`${application.name}: input ${index} of ${application.operator} must be a constant list of integers`);
  }
  return Array.from(tensor.data as BigInt64Array, Number);
}

/** An integer attribute. */
export function integerAttribute(attributes: Attributes, name: string, fallback: number): number {
  const value = attributes[name];
  return typeof value === 'number' ? value : fallback;
}

/** An attribute that is a list of integers. */
export function integersAttribute(attributes: Attributes, name: string, fallback: readonly number[]): readonly number[] {
  const value = attributes[name];
  return Array.isArray(value) ? (value as readonly number[]) : fallback;
}

/** An attribute that is a float. */
export function floatAttribute(attributes: Attributes, name: string, fallback: number): number {
  const value = attributes[name];
  return typeof value === 'object' && 'float' in value ? value.float : fallback;
}
