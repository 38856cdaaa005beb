import type { Step } from './workloads.js';

/** A contender and the seconds of its steps. */
export interface Contender {
  readonly name: string;
  readonly seconds: () => Promise<number>;
  readonly times: number[];
}

export function ours(name: string, step: Step): Contender {
  const seconds = async () => {
    const start = performance.now();
    await step();
    return (performance.now() - start) / 1000;
  };
  return { name, seconds, times: [] };
}

/** Steps of all contenders in turn, after one of each that is not counted. */
export async function alternate(contenders: readonly Contender[], rounds: number): Promise<void> {
  for (const contender of contenders) await contender.seconds(); // warm-up
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) contender.times.push(await contender.seconds());
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
