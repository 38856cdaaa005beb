/** The numbers 0 to n - 1 in sets that can be joined (Tarjan 1975, with halving of the paths). */
export class DisjointSets {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, item) => item);
  }

  /** The number that stands for the set of an item: the smallest in it. */
  find(item: number): number {
    const parents = this.#parents;
    while (parents[item] !== item) {
      parents[item] = parents[parents[item]!]!;
      item = parents[item]!;
    }
    return item;
  }

  /** Makes one set of those of two items. */
  join(a: number, b: number): void {
    const [first, second] = [this.find(a), this.find(b)];
    this.#parents[Math.max(first, second)] = Math.min(first, second);
  }

  /** The sets, each ascending, in the order of their smallest items. */
  sets(): number[][] {
    const sets = new Map<number, number[]>();
    for (const item of this.#parents.keys()) {
      const root = this.find(item);
      if (root === item) sets.set(item, [item]);
      else sets.get(root)!.push(item);
    }
    return [...sets.values()];
  }
}
