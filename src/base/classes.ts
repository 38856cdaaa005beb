import { z } from 'zod';

/** Names of classes, in their order. */
export const classNamesSchema = z
  .array(z.string().min(1))
  .min(2)
  .refine((names) => new Set(names).size === names.length, 'a name stands there twice');

/** The same from a file, which cannot be trusted to name few. */
export const storedClassNames = classNamesSchema.max(1000);
