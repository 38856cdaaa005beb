/**
 * The process in which a family of formats is fuzzed: it may crash, hang or run out of memory, and `supervise.ts` sees it.
 * Arguments: the family, and a JSON of {@link ChildSettings}.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { familyOpener } from './families.js';
import type { FamilyName } from './families.js';
import type { Format } from './format.js';
import { isTyped } from './format.js';

export interface ChildSettings {
  readonly runs: number;
  readonly seed: number;
  /** Formats that are over, whatever came of them. */
  readonly without: readonly string[];
  /** Only these, where it is given. */
  readonly only?: readonly string[] | undefined;
  /** For the case at hand and what a family needs. */
  readonly folder: string;
}

/** What the process tells. */
export type FromChild =
  | { readonly kind: 'case'; readonly format: string; readonly file: string }
  | { readonly kind: 'format'; readonly format: string; readonly outcome: Outcome };

export interface Outcome {
  readonly cases: number;
  /** Of them, how many were read as valid. */
  readonly valid: number;
  readonly seconds: number;
  readonly slowestSeconds: number;
  /** The most that a case added to the most memory that the process ever held, in MB. */
  readonly growth: number;
  /** What went wrong, in the smallest case that was found; its file is still there. */
  readonly failure?: string;
}

/** Memory that one case may add to the peak, in MB, beside what garbage collection leaves lying about. */
const MOST_GROWTH = 600;

const send = (message: FromChild): void => void process.send!(message);
const peak = (): number => process.resourceUsage().maxRSS / 1024;

async function fuzz(format: Format, { runs, seed, folder }: ChildSettings): Promise<Outcome> {
  const file = join(folder, 'cases', format.name, format.file ?? 'case');
  mkdirSync(dirname(file), { recursive: true });
  const [started, counts] = [performance.now(), { cases: 0, valid: 0, slowestSeconds: 0, growth: 0 }];
  const property = fc.asyncProperty(format.cases, async (bytes) => {
    writeFileSync(file, bytes);
    send({ kind: 'case', format: format.name, file });
    const [before, start] = [peak(), performance.now()];
    try {
      await format.read(bytes, file);
      counts.valid++;
    } catch (error) {
      if (!isTyped(error)) throw error;
    } finally {
      counts.cases++;
      counts.slowestSeconds = Math.max(counts.slowestSeconds, (performance.now() - start) / 1000);
      counts.growth = Math.max(counts.growth, peak() - before);
    }
    if (peak() - before > MOST_GROWTH) throw new Error(`the case took ${Math.round(peak() - before)} MB`);
  });
  const details = await fc.check(property, { numRuns: runs, seed });
  const outcome = { ...counts, seconds: (performance.now() - started) / 1000 };
  if (!details.failed) return outcome;
  writeFileSync(file, details.counterexample![0]);
  const { errorInstance: error } = details;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ...outcome, failure: `path ${details.counterexamplePath!}: ${text}` };
}

const [, , family, json] = process.argv as [string, string, FamilyName, string];
const settings = JSON.parse(json) as ChildSettings;
const { formats, close } = await (await familyOpener(family))(join(settings.folder, family));
for (const format of formats) {
  if (settings.without.includes(format.name) || settings.only?.includes(format.name) === false) continue;
  send({ kind: 'format', format: format.name, outcome: await fuzz(format, settings) });
}
await close?.();
process.disconnect();
