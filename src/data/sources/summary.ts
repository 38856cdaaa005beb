import { AGE_BANDS } from '../bands.js';
import type { LeftOutKind, SourceTable } from './source.js';

/** What a data set holds, in figures. */
export interface SourceSummary {
  /** Pictures in the manifest. */
  readonly pictures: number;
  /** Pictures per class; bands by age, whether or not there are any, other classes by name. */
  readonly classes: readonly { readonly name: string; readonly pictures: number }[];
  /** Pictures with an age but no band. */
  readonly withoutBand: number;
  /** How much was left out for each kind of reason. */
  readonly leftOut: Readonly<Partial<Record<LeftOutKind, number>>>;
}

/** Counts what a reader gave. */
export function summariseSource({ rows, columns, problems }: SourceTable): SourceSummary {
  const counts = countBy(rows.map(({ band, label }) => band ?? label ?? ''));
  const names = columns.includes('label') ? [...counts.keys()].sort() : AGE_BANDS;
  return {
    pictures: rows.length,
    classes: names.map((name) => ({ name, pictures: counts.get(name) ?? 0 })),
    withoutBand: counts.get('') ?? 0,
    leftOut: Object.fromEntries(countBy(problems.map(({ kind }) => kind))),
  };
}

function countBy<Item>(items: readonly Item[]): Map<Item, number> {
  const counts = new Map<Item, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
