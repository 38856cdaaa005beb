/** A group of pictures that belong together and yet stand in more than one split. */
export interface Leak {
  /** Indices of its pictures that have a split. */
  readonly members: readonly number[];
  /** The splits that they stand in, in the order in which they occur. */
  readonly splits: readonly string[];
}

/**
 * The groups that more than one split holds pictures of.
 * @param splits the split (or fold) of each picture; `undefined` for a picture that is in none
 * @param groups indices of the pictures that belong together, as `groupIndices` and `groupSamples` give them
 */
export function findLeaks(splits: readonly (string | undefined)[], groups: Iterable<readonly number[]>): Leak[] {
  const leaks: Leak[] = [];
  for (const group of groups) {
    const members = group.filter((index) => splits[index] !== undefined);
    const distinct = [...new Set(members.map((index) => splits[index]!))];
    if (distinct.length > 1) leaks.push({ members, splits: distinct });
  }
  return leaks;
}

/** How much of one split is known from another. */
export interface LeakCounts {
  /** Groups with pictures in both splits. */
  readonly groups: number;
  /** All groups with pictures in the split that is looked at. */
  readonly ofGroups: number;
  /** Pictures of the split that belong to such a group. */
  readonly pictures: number;
  readonly ofPictures: number;
}

/** Counts how many groups and pictures of `split` are also in `from`, such as those of `test` in `train`. */
export function countLeaks(
  splits: readonly (string | undefined)[],
  groups: Iterable<readonly number[]>,
  split: string,
  from: string,
): LeakCounts {
  const counts = { groups: 0, ofGroups: 0, pictures: 0, ofPictures: 0 };
  for (const group of groups) {
    const pictures = group.filter((index) => splits[index] === split).length;
    if (pictures === 0) continue;
    counts.ofGroups += 1;
    counts.ofPictures += pictures;
    if (!group.some((index) => splits[index] === from)) continue;
    counts.groups += 1;
    counts.pictures += pictures;
  }
  return counts;
}
