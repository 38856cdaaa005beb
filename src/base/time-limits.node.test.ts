import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TimeLimits } from './time-limits.node.js';

const reasonOf = async (limits: TimeLimits): Promise<string> => {
  if (!limits.signal.aborted) await once(limits.signal, 'abort');
  return (limits.signal.reason as Error).message;
};

describe('TimeLimits', () => {
  it('gives up what falls silent, and not what is heard of', async () => {
    const limits = new TimeLimits(0.2);
    for (let step = 0; step < 4; step++) {
      await setTimeout(100);
      limits.heard();
    }
    expect(limits.signal.aborted).toBe(false);
    expect(await reasonOf(limits)).toBe('nothing came for 0.2 seconds');
  });

  it('gives up what takes too long, although it is heard of', async () => {
    const limits = new TimeLimits(5, 0.1);
    expect(await reasonOf(limits)).toBe('it took more than 0.1 seconds');
    limits.end();
  });

  it('gives up nothing that has ended', async () => {
    const limits = new TimeLimits(0.05, 0.05);
    limits.end();
    await setTimeout(120);
    expect(limits.signal.aborted).toBe(false);
  });
});
