import { ShapeError } from '../base/errors.js';
import type { ElementType, HostTensor } from '../base/tensor.js';
import { inferOutputs } from './inference.js';

/** Attributes of a node: integers, floats (marked, since JavaScript has one number type), strings and integer lists. */
export type Attribute = number | string | readonly number[] | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

/** Type and shape of a value. Shapes are static: every axis has a length. */
export interface Signature {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** One tensor in a graph: an input, a constant, or an output of a node. */
export interface Value extends Signature {
  readonly graph: Graph;
  /** Unique within the graph. */
  readonly name: string;
  /** The node that computes it; undefined for inputs and constants. */
  readonly producer: Node | undefined;
  /** Its content where it is a constant. */
  readonly constant: HostTensor | undefined;
}

/** One application of an ONNX operator. An absent optional input is undefined. */
export interface Node {
  readonly name: string;
  readonly operator: string;
  /** '' for the standard operators, 'com.microsoft' for those of ONNX Runtime. */
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/**
 * An ONNX graph under construction. Nodes stand in topological order, because a node can only use values that exist.
 * Scopes name the nodes after the layer that makes them, so that an error and a profile can say where they belong.
 */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs = new Map<string, Value>();
  readonly #names = new Set<string>();
  readonly #scalars = new Map<string, Value>();
  readonly #scopes: string[] = [];

  /** Runs `build` with `name` in front of the names of all nodes that it makes. */
  scope<Result>(name: string, build: () => Result): Result {
    this.#scopes.push(name);
    try {
      return build();
    } finally {
      this.#scopes.pop();
    }
  }

  /** Declares an input. @throws {ShapeError} when the name is taken. */
  input(name: string, type: ElementType, shape: readonly number[]): Value {
    if (this.#names.has(name)) throw new ShapeError(`graph: there is already a value named "${name}"`);
    const value = this.#value(name, { type, shape }, undefined, undefined);
    this.inputs.push(value);
    return value;
  }

  /** The input of that name. @throws {ShapeError} when there is none. */
  inputNamed(name: string): Value {
    const value = this.inputs.find((input) => input.name === name);
    if (!value) throw new ShapeError(`graph: no input named "${name}"`);
    return value;
  }

  /** Stores a tensor in the graph. */
  constant(tensor: HostTensor, name = 'constant'): Value {
    return this.#value(this.#freshName(name), tensor, undefined, tensor);
  }

  /** A float32 scalar; equal scalars are stored once. */
  scalar(value: number): Value {
    const key = String(value);
    const known = this.#scalars.get(key);
    if (known) return known;
    const made = this.constant({ type: 'float32', data: Float32Array.of(value), shape: [] }, `scalar_${key}`);
    this.#scalars.set(key, made);
    return made;
  }

  /** A list of integers, as operators take for shapes, axes and offsets. */
  integers(values: readonly number[]): Value {
    const key = `[${values.join(',')}]`;
    const known = this.#scalars.get(key);
    if (known) return known;
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    const made = this.constant({ type: 'int64', data, shape: [values.length] }, 'integers');
    this.#scalars.set(key, made);
    return made;
  }

  /** Marks a value as an output under a name. @throws {ShapeError} when the name is taken or the value of another graph. */
  output(name: string, value: Value): void {
    if (value.graph !== this) throw new ShapeError(`graph: output "${name}" belongs to another graph`);
    if (this.outputs.has(name)) throw new ShapeError(`graph: there is already an output named "${name}"`);
    if (this.#names.has(name)) throw new ShapeError(`graph: there is already a value named "${name}"`);
    this.#names.add(name);
    this.outputs.set(name, value);
  }

  /**
   * Applies an operator and returns its outputs. The shapes follow from the operator's inference rule.
   * @throws {ShapeError} naming the layer, the operator and the shapes that do not fit.
   */
  apply(
    operator: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes = {},
    domain = '',
  ): readonly [Value, ...Value[]] {
    const name = this.#freshName([...this.#scopes, operator].join('/'));
    for (const input of inputs) {
      if (input && input.graph !== this) {
        throw new ShapeError(`${name}: input "${input.name}" belongs to another graph`);
      }
    }
    const signatures = inferOutputs({ name, operator, domain, inputs, attributes });
    return this.#append(name, operator, domain, inputs, attributes, signatures);
  }

  /** Appends a node whose outputs are known already; for rewrites, which copy nodes from another graph. */
  append(node: Omit<Node, 'outputs'>, signatures: readonly Signature[]): readonly [Value, ...Value[]] {
    const name = this.#freshName(node.name);
    return this.#append(name, node.operator, node.domain, node.inputs, node.attributes, signatures);
  }

  #append(
    name: string,
    operator: string,
    domain: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes,
    signatures: readonly Signature[],
  ): readonly [Value, ...Value[]] {
    const outputs: Value[] = [];
    const node: Node = { name, operator, domain, inputs, outputs, attributes };
    signatures.forEach((signature, index) => {
      const suffix = signatures.length === 1 ? '' : `:${index}`;
      outputs.push(this.#value(this.#freshName(`${name}${suffix}_out`), signature, node, undefined));
    });
    this.nodes.push(node);
    return outputs as unknown as readonly [Value, ...Value[]];
  }

  #value(
    name: string,
    signature: Signature,
    producer: Node | undefined,
    constant: HostTensor | undefined,
  ): Value {
    this.#names.add(name);
    return { graph: this, name, type: signature.type, shape: signature.shape, producer, constant };
  }

  #freshName(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#names.has(name); count++) name = `${wanted}_${count}`;
    this.#names.add(name);
    return name;
  }
}
