/**
 * `npm run fuzz`: many cases of every format. `AGEBAND_FUZZ_RUNS` says how many (10,000), `AGEBAND_FUZZ_SEED` with which seed
 * (a random one); words name the families or formats to fuzz.
 */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { FAMILIES } from './families.js';
import type { Report } from './supervise.js';
import { fuzzFamily } from './supervise.js';

const words = process.argv.slice(2);
const runs = Number(process.env['AGEBAND_FUZZ_RUNS'] ?? 10_000);
const seed = Number(process.env['AGEBAND_FUZZ_SEED'] ?? randomInt(2 ** 31));
const keep = resolve('fuzz-failures');

const line = ({ format, outcome, failure }: Report): string => {
  const { cases = 0, valid = 0, seconds = 0, slowestSeconds = 0, growth = 0 } = outcome;
  const figures = [format.padEnd(24), `${cases} cases`.padStart(14), `${valid} valid`.padStart(14), `${seconds.toFixed(1)} s`.padStart(10)];
  const costs = `slowest ${slowestSeconds.toFixed(2)} s, most memory ${Math.round(growth)} MB`;
  return `${figures.join('')}  ${costs}${failure === undefined ? '' : `\n  FAILED: ${failure}`}`;
};

console.log(`seed ${seed}, ${runs} cases of each format`);
const reports: Report[] = [];
const known = words.filter((word) => (FAMILIES as string[]).includes(word));
const only = words.filter((word) => !known.includes(word));
for (const family of known.length > 0 ? FAMILIES.filter((name) => known.includes(name)) : FAMILIES) {
  const options = { runs, seed, keep, ...(only.length > 0 ? { only } : {}) };
  reports.push(...(await fuzzFamily(family, options, (report) => console.log(line(report)))));
}
const failed = reports.filter(({ failure }) => failure !== undefined);
console.log(failed.length === 0 ? `all ${reports.length} formats held` : `${failed.length} of ${reports.length} formats failed`);
process.exitCode = failed.length === 0 && reports.length > 0 ? 0 : 1;
