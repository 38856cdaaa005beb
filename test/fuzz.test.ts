import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from './fuzz/families.js';
import { fuzzFamily } from './fuzz/supervise.js';

/** Always the same cases here; `npm run fuzz` has many more, and others each time. */
const SEED = 1;
const RUNS = Number(process.env['AGEBAND_FUZZ_RUNS'] ?? 500);

describe('a damaged file gives a value or a typed error, in time and in bounded memory', () => {
  it.each(FAMILIES)('%s', async (family) => {
    const reports = await fuzzFamily(family, { runs: RUNS, seed: SEED, keep: resolve('fuzz-failures') }, () => undefined);
    expect(reports.filter(({ failure }) => failure !== undefined)).toEqual([]);
    // A format without a case that is read shows only that nothing gets through the door.
    expect(reports.filter(({ outcome: { cases, valid } }) => cases !== RUNS || valid === 0)).toEqual([]);
  });
});
