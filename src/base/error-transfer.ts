import { z } from 'zod';
import * as errors from './errors.js';

/** An error in a form that survives the way from one thread, process or machine to another, where classes are lost. */
export const transferredErrorSchema = z.object({
  name: z.string(),
  message: z.string(),
  stack: z.string().optional(),
  fields: z.record(z.string(), z.unknown()),
});
export type TransferredError = Readonly<z.infer<typeof transferredErrorSchema>>;

/** Objects may hold functions, which no thread can send. */
const SENDABLE_TYPES = ['string', 'number', 'boolean', 'undefined'];

/** Packs anything thrown; of its fields those that are plain values. */
export function packError(error: unknown): TransferredError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, fields: {} };
  const fields = Object.fromEntries(Object.entries(error).filter(([, value]) => SENDABLE_TYPES.includes(typeof value)));
  return { name: error.name, message: error.message, stack: error.stack, fields };
}

/** Restores a packed error with its own class, if it is one of this package's. */
export function unpackError({ name, message, stack, fields }: TransferredError): Error {
  const known = Object.entries(errors).find(([key]) => key === name)?.[1];
  const prototype = (known as { prototype?: Error } | undefined)?.prototype;
  const error = prototype instanceof errors.AgebandError ? (Object.create(prototype) as Error) : new Error(message);
  const fixed = { name, message, stack };
  for (const [key, value] of Object.entries(fixed)) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
  }
  return Object.assign(error, fields);
}
