/** What the fuzzing of a format consists of. */
import type * as fc from 'fast-check';

/** A reader of the product, with what it is given. */
export interface Format {
  readonly name: string;
  /** Damaged files, and some that are valid. */
  readonly cases: fc.Arbitrary<Uint8Array>;
  /**
   * Has the product read a case.
   * @param file where the same bytes stand
   */
  readonly read: (bytes: Uint8Array, file: string) => unknown;
  /** Name of the file; some readers go by the ending. */
  readonly file?: string;
}

/** Formats that have much in common, and are made together. */
export interface Family {
  readonly formats: readonly Format[];
  readonly close?: () => Promise<void>;
}

/** @param folder for files that the formats need, apart from that of the cases */
export type OpenFamily = (folder: string) => Promise<Family>;

/** A module of the built package, which has its threads beside it. */
export async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as Module;
}

/** Base classes of the errors that a user is meant to see. */
const TYPED = ['AgebandError', 'RequestError', 'UnusableTask'];

/** Whether something thrown is an error of the package's own, and not a mistake that came to light. */
export function isTyped(error: unknown): boolean {
  for (let prototype: unknown = error; prototype instanceof Error; prototype = Object.getPrototypeOf(prototype)) {
    if (TYPED.includes(prototype.constructor.name)) return true;
  }
  return false;
}
