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
    return `${option}: ${ruleOf(issue)}${value === undefined ? '' : `, got ${shortened(JSON.stringify(value))}`}`;
  });
  throw new ConfigError(faults.join('; '));
}

/** A value may be a whole network. */
const LONGEST_VALUE = 200;

function shortened(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)} ...` : text;
}

/** Kinds of values by zod's names. */
const TYPES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
};

/** The rule that a value breaks, in plain words. */
function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      if (issue.origin === 'array') return `must hold at least ${issue.minimum}`;
      return `must be ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}`;
    case 'unrecognized_keys':
      return `there is no ${issue.keys.join(', ')}`;
    default:
      return issue.message;
  }
}
