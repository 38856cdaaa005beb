import { ConfigError } from '../base/errors.js';
import { PURPOSE, randomStream } from '../base/random.js';
import { apportion } from './apportion.js';
import type { Dataset, Sample } from './sample.js';
import { groupSamples } from './split.js';

/** The second key of the random stream, so that a subset and a split of the same seed are drawn apart. */
const SUBSET = 1;

/**
 * A random part of a data set with exactly `count` samples, or all of it when it holds no more. Classes (and splits,
 * where there are any) keep their proportions as nearly as whole numbers allow, each with at least one sample while
 * `count` allows. Whole groups are taken where they fit; the samples stay in their order.
 * @throws {ConfigError} when `count` is not a whole number above 0.
 */
export function subset(dataset: Dataset, count: number, seed: number): Dataset {
  if (!Number.isInteger(count) || count < 1) {
    throw new ConfigError(`a data set can be limited to 1 sample or more, got ${count}`);
  }
  const { samples } = dataset;
  if (count >= samples.length) return dataset;
  const free = quotas(samples, count);
  const groups = randomStream(seed, PURPOSE.split, SUBSET).shuffle(groupSamples(samples));
  const chosen = new Set<number>();
  // First the groups that fit as a whole; then single samples fill what is left.
  for (const parts of [groups, groups.flat().map((index) => [index])]) {
    for (const part of parts) {
      if (part.some((index) => chosen.has(index))) continue;
      const needed = countBy(part, (index) => stratumOf(samples[index]!));
      if ([...needed].some(([stratum, number]) => free.get(stratum)! < number)) continue;
      for (const [stratum, number] of needed) free.set(stratum, free.get(stratum)! - number);
      for (const index of part) chosen.add(index);
    }
  }
  return { ...dataset, samples: samples.filter((_, index) => chosen.has(index)) };
}

function stratumOf({ label, split }: Sample): string {
  return `${split ?? ''}/${label}`;
}

/** How many samples of each stratum to take. */
function quotas(samples: readonly Sample[], count: number): Map<string, number> {
  const sizes = countBy(samples, stratumOf);
  const assured = count >= sizes.size ? 1 : 0;
  const extra = apportion(
    count - assured * sizes.size,
    [...sizes.values()].map((size) => size - assured),
  );
  return new Map([...sizes.keys()].map((stratum, index) => [stratum, assured + extra[index]!]));
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
