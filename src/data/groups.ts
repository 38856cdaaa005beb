import { DisjointSets } from './duplicates/disjoint-sets.js';

/**
 * The groups of things that belong together: those with the same key, those of the same pair, and those that are
 * linked by a chain of both. What has no key and is in no pair is a group of its own.
 * @param pairs of indices into `keys`
 * @returns indices, ascending, in the order in which the groups first occur.
 */
export function groupIndices(
  keys: readonly (string | undefined)[],
  pairs: Iterable<readonly [number, number]> = [],
): number[][] {
  const sets = new DisjointSets(keys.length);
  const firstOf = new Map<string, number>();
  keys.forEach((key, index) => {
    if (key === undefined) return;
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, index);
    else sets.join(first, index);
  });
  for (const [a, b] of pairs) sets.join(a, b);
  return sets.sets();
}
