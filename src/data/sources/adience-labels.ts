/** What is made of the column `age` of Adience. */
import { AGE_BANDS, parseBand } from '../bands.js';
import { LeftOutError, parseAge, withBand } from './source.js';
import type { BetweenRule, SourceRow } from './source.js';

/**
 * Which labels are used. `mended`: the eight of the benchmark, with the typo mended, each face once. `published`: the
 * eight as they stand, with repeated rows, as the lists that others have published and the usual scripts have it.
 */
export type AdienceLabels = 'mended' | 'published';

/**
 * What was made of a label. `kept`: it is one of the eight. `mended`: it is a typo for one of them. `nearest`: a single
 * year, given its own or the nearest band. `age only`: a single year, kept without a band. `dropped`: the face is left out.
 */
export type LabelOutcome = 'kept' | 'mended' | 'nearest' | 'age only' | 'dropped';

/** What was made of one label, and what its rows hold. */
export type JudgedLabel =
  | { readonly outcome: Exclude<LabelOutcome, 'dropped'>; readonly known: Pick<SourceRow, 'age' | 'band'> }
  | { readonly outcome: 'dropped'; readonly reason: string };

/** Typos, and the bands they stand for. */
const TYPOS = new Map([['(25, 23)', '25-32']]);

/**
 * | label | `mended` | `published` |
 * | --- | --- | --- |
 * | `(0, 2)` `(4, 6)` `(8, 12)` `(15, 20)` `(25, 32)` `(38, 43)` `(48, 53)` `(60, 100)` | kept | kept |
 * | `(25, 23)` | mended: 25-32 | dropped |
 * | a single year, such as `35` or `13` | by `between`: age only, nearest or dropped | dropped |
 * | another range: `(27, 32)` `(38, 42)` `(38, 48)` `(8, 23)` | dropped | dropped |
 * | `None`, nothing | dropped | dropped |
 *
 * A single year gets no band even where it lies in one, unless `between` is `nearest`: the benchmark's figures are about
 * faces with one of the eight labels.
 */
export function judgeLabel(label: string, labels: AdienceLabels, between: BetweenRule): JudgedLabel {
  const band = parseBand(label);
  if (band !== undefined) return { outcome: 'kept', known: { band: AGE_BANDS[band]! } };
  const meant = labels === 'mended' ? TYPOS.get(label) : undefined;
  if (meant !== undefined) return { outcome: 'mended', known: { band: meant } };
  const age = labels === 'mended' && between !== 'drop' ? yearsOf(label) : undefined;
  if (age !== undefined && between === 'keep') return { outcome: 'age only', known: { age } };
  if (age !== undefined) return { outcome: 'nearest', known: withBand(age, between) };
  if (label === '' || label === 'None') return { outcome: 'dropped', reason: 'there is no age' };
  return { outcome: 'dropped', reason: `the age ${label} is not one of the eight bands` };
}

function yearsOf(label: string): number | undefined {
  if (!/^\d+$/.test(label)) return undefined;
  try {
    return parseAge(label);
  } catch (error) {
    if (error instanceof LeftOutError) return undefined;
    throw error;
  }
}
