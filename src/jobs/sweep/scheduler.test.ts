import { describe, expect, it } from 'vitest';
import type { Step } from './scheduler.js';
import { rungEpochs, Scheduler } from './scheduler.js';

/** Begins what comes next. */
function beginNext(scheduler: Scheduler): string | undefined {
  const step = scheduler.next();
  if (step === undefined) return undefined;
  scheduler.begin(step);
  return `${step.trial}@${step.rung}`;
}

const at = (text: string): Step => {
  const [trial, rung] = text.split('@').map(Number);
  return { trial: trial!, rung: rung! };
};

describe('one rung', () => {
  it('is each trial once, in order, whatever becomes of them', () => {
    const scheduler = new Scheduler({ trials: 3, rungs: 1, reductionFactor: 3 });
    expect([beginNext(scheduler), beginNext(scheduler)]).toEqual(['0@0', '1@0']);
    scheduler.finish(at('1@0'), undefined);
    scheduler.finish(at('0@0'), 0.5);
    expect([beginNext(scheduler), beginNext(scheduler)]).toEqual(['2@0', undefined]);
  });
});

describe('successive halving', () => {
  it('promotes the best third, one worker at a time', () => {
    const scheduler = new Scheduler({ trials: 9, rungs: 3, reductionFactor: 3 });
    // The value of each trial at each rung.
    const losses = [5, 3, 4, 9, 8, 1, 7, 2, 6];
    const order: string[] = [];
    for (let step = beginNext(scheduler); step !== undefined; step = beginNext(scheduler)) {
      order.push(step);
      scheduler.finish(at(step), losses[at(step).trial]! / (1 + at(step).rung));
    }
    // Of 0, 1, 2 the best is 1. Of six trials the best two are 5 and 1; of eight, 5 and 7. Then three have finished rung
    // 1, and the best of them, 5, goes on to the last. Of all nine the best three are 5, 7 and 1, which have gone on.
    expect(order).toEqual(['0@0', '1@0', '2@0', '1@1', '3@0', '4@0', '5@0', '5@1', '6@0', '7@0', '7@1', '5@2', '8@0']);
  });

  it('does not wait for the others of a rung, and so may promote what turns out not to be among the best', () => {
    const scheduler = new Scheduler({ trials: 4, rungs: 2, reductionFactor: 2 });
    expect([1, 2, 3].map(() => beginNext(scheduler))).toEqual(['0@0', '1@0', '2@0']);
    scheduler.finish(at('0@0'), 4);
    // One of one finished is no half yet.
    expect(beginNext(scheduler)).toBe('3@0');
    expect(scheduler.next()).toBeUndefined();
    scheduler.finish(at('1@0'), 3);
    expect(beginNext(scheduler)).toBe('1@1');
    scheduler.finish(at('2@0'), 1);
    // The best one of three is 2; 1 has been promoted already.
    expect(beginNext(scheduler)).toBe('2@1');
    scheduler.finish(at('3@0'), 2);
    expect(beginNext(scheduler)).toBe('3@1');
    expect(scheduler.next()).toBeUndefined();
  });

  it('counts failed trials as the worst and never promotes them', () => {
    const scheduler = new Scheduler({ trials: 4, rungs: 2, reductionFactor: 2 });
    for (let trial = 0; trial < 4; trial++) beginNext(scheduler);
    scheduler.finish(at('0@0'), undefined);
    scheduler.finish(at('1@0'), undefined);
    expect(scheduler.next()).toBeUndefined();
    scheduler.finish(at('2@0'), 7);
    scheduler.finish(at('3@0'), 8);
    expect([beginNext(scheduler), beginNext(scheduler), beginNext(scheduler)]).toEqual(['2@1', '3@1', undefined]);
  });

  it('prefers the earlier of equal trials, and higher rungs', () => {
    const scheduler = new Scheduler({ trials: 9, rungs: 3, reductionFactor: 2 });
    for (const trial of [0, 1, 2, 3]) {
      scheduler.begin({ trial, rung: 0 });
      scheduler.finish({ trial, rung: 0 }, 1);
    }
    expect([beginNext(scheduler), beginNext(scheduler), beginNext(scheduler)]).toEqual(['0@1', '1@1', '4@0']);
    scheduler.finish(at('1@1'), 1);
    scheduler.finish(at('0@1'), 2);
    expect(beginNext(scheduler)).toBe('1@2');
  });

  it('forgets a failure when the step begins again', () => {
    const scheduler = new Scheduler({ trials: 4, rungs: 2, reductionFactor: 2 });
    for (let trial = 0; trial < 4; trial++) beginNext(scheduler);
    for (const step of ['3@0', '0@0']) scheduler.finish(at(step), undefined);
    expect(scheduler.failed()).toEqual([at('0@0'), at('3@0')]);
    scheduler.finish(at('1@0'), 2);
    scheduler.finish(at('2@0'), 3);
    scheduler.begin(at('0@0'));
    expect(scheduler.failed()).toEqual([at('3@0')]);
    expect(scheduler.unfinished()).toEqual([at('0@0')]);
    scheduler.finish(at('0@0'), 1);
    expect([beginNext(scheduler), beginNext(scheduler), beginNext(scheduler)]).toEqual(['0@1', '1@1', undefined]);
  });

  it('is in the same state after the same calls, and knows what was under way', () => {
    const scheduler = new Scheduler({ trials: 9, rungs: 2, reductionFactor: 2 });
    for (const trial of [0, 1, 2]) scheduler.begin({ trial, rung: 0 });
    scheduler.finish(at('2@0'), 1);
    scheduler.finish(at('0@0'), 2);
    scheduler.begin({ trial: 2, rung: 1 });
    expect(scheduler.unfinished()).toEqual([at('1@0'), at('2@1')]);
    expect(scheduler.next()).toEqual(at('3@0'));
  });
});

it('rungs grow by the factor up to the last epoch', () => {
  expect(rungEpochs(1, 27, 3)).toEqual([1, 3, 9, 27]);
  expect(rungEpochs(2, 40, 4)).toEqual([2, 8, 32, 40]);
  expect(rungEpochs(5, 5, 3)).toEqual([5]);
});
