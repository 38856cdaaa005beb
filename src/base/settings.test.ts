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
  expect(() => parseSettings(schema, { size: 'x'.repeat(1000) })).toThrow(/^size: must be a number, got "x{199} \.\.\.$/);
});

it('parseSettings says in plain words what a value must be', () => {
  const rules = z.strictObject({
    count: z.number().int().optional(),
    rate: z.number().positive().max(9).optional(),
    share: z.number().min(0).lt(1).optional(),
    path: z.string().min(1).optional(),
    names: z.array(z.string()).min(2).optional(),
    kind: z.enum(['a', 'b']).optional(),
    flag: z.boolean().optional(),
  });
  const faultsOf = (settings: unknown): string => {
    try {
      parseSettings(rules, settings);
      return '';
    } catch (error) {
      return (error as ConfigError).message;
    }
  };
  expect(faultsOf({ count: 2.5 })).toBe('count: must be a whole number, got 2.5');
  expect(faultsOf({ count: '3' })).toBe('count: must be a number, got "3"');
  expect(faultsOf({ rate: 0 })).toBe('rate: must be above 0, got 0');
  expect(faultsOf({ rate: 10 })).toBe('rate: must be at most 9, got 10');
  expect(faultsOf({ share: -1 })).toBe('share: must be at least 0, got -1');
  expect(faultsOf({ share: 1 })).toBe('share: must be below 1, got 1');
  expect(faultsOf({ path: '' })).toBe('path: must not be empty, got ""');
  expect(faultsOf({ names: ['x'] })).toBe('names: must hold at least 2, got ["x"]');
  expect(faultsOf({ kind: 'c' })).toBe('kind: must be one of a, b, got "c"');
  expect(faultsOf({ flag: 1 })).toBe('flag: must be true or false, got 1');
  expect(faultsOf({ size: 1 })).toBe('configuration: there is no size');
});
