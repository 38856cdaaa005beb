import { expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './errors.js';
import { parseSettings } from './settings.js';

const schema = z.strictObject({ size: z.number().int().min(1).default(227), name: z.enum(['a', 'b']).default('a') });

it('parseSettings fills in defaults and names every setting that cannot be used', () => {
  expect(parseSettings(schema, { size: 3 })).toEqual({ size: 3, name: 'a' });
  expect(() => parseSettings(schema, { size: 0.5, name: 'c' })).toThrow(ConfigError);
  expect(() => parseSettings(schema, { size: 0.5, name: 'c' })).toThrow(/size: .*, got 0\.5; name: .*, got "c"/);
  expect(() => parseSettings(schema, { other: 1 })).toThrow(/other/);
});
