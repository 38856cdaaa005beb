import { describe, expect, it } from 'vitest';
import type { Demand, Measured } from './memory.js';
import { estimatePeak, hasRoom } from './memory.js';

const demand = (batchSize: number, imageSize = 64): Demand => ({ model: 'baseline', optimiser: 'sgd', imageSize, batchSize });
const MEASURED: Measured[] = [
  { demand: demand(32), peak: 3 },
  { demand: demand(64), peak: 5 },
];

describe('the memory of a trial', () => {
  it('is at most that of the least one that was no smaller', () => {
    expect(estimatePeak(demand(32), MEASURED)).toBe(3);
    expect(estimatePeak(demand(33), MEASURED)).toBe(5);
    expect(estimatePeak(demand(8, 32), MEASURED)).toBe(3);
    expect(estimatePeak(demand(65), MEASURED)).toBeUndefined();
    expect(estimatePeak(demand(8, 65), MEASURED)).toBeUndefined();
    expect(estimatePeak({ ...demand(8), optimiser: 'adamw' }, MEASURED)).toBeUndefined();
  });

  it('lets trials begin beside others that leave room, and those of which nothing is known alone', () => {
    expect(hasRoom(demand(32), [demand(64)], MEASURED, 8)).toBe(true);
    expect(hasRoom(demand(32), [demand(64)], MEASURED, 7)).toBe(false);
    expect(hasRoom(demand(32), [demand(64)], MEASURED, undefined)).toBe(true);
    expect(hasRoom(demand(99), [demand(8)], MEASURED, 100)).toBe(false);
    expect(hasRoom(demand(8), [demand(99)], MEASURED, 100)).toBe(false);
    expect(hasRoom(demand(99), [], MEASURED, 1)).toBe(true);
  });
});
