import type { z } from 'zod';
import { ConfigError } from './errors.js';

/**
 * Checks settings and fills in the defaults.
 * @throws {ConfigError} naming every setting that cannot be used, with its value
 */
export function parseSettings<Schema extends z.ZodType>(schema: Schema, settings: unknown): z.output<Schema> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => {
    const option = issue.path.join('.') || 'configuration';
    const value = (settings as Record<string, unknown> | null)?.[String(issue.path[0])];
    return `${option}: ${issue.message}${value === undefined ? '' : `, got ${JSON.stringify(value)}`}`;
  });
  throw new ConfigError(faults.join('; '));
}
