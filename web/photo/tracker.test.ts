import { describe, expect, it } from 'vitest';
import { Tracker } from './tracker.js';

const face = (left: number, ...probabilities: number[]) => ({ box: { left, top: 0, width: 10, height: 10 }, probabilities, years: [...probabilities, 0] });

describe('Tracker', () => {
  it('knows faces again that move a little, and steadies their probabilities', () => {
    const tracker = new Tracker();
    expect(tracker.follow([face(0, 1, 0)])).toMatchObject([{ id: 1, probabilities: [1, 0] }]);
    expect(tracker.follow([face(2, 0, 1)])).toMatchObject([{ id: 1, probabilities: [0.75, 0.25], box: { left: 2 } }]);
    expect(tracker.follow([face(4, 0, 1)])[0]).toMatchObject({ probabilities: [0.5625, 0.4375], years: [0.5625, 0.4375, 0] });
  });

  it('keeps two faces apart whatever their order', () => {
    const tracker = new Tracker();
    tracker.follow([face(0, 1, 0), face(50, 0, 1)]);
    expect(tracker.follow([face(51, 0, 1), face(1, 1, 0)]).map(({ id }) => id)).toEqual([2, 1]);
  });

  it('takes a face at another place for a new one', () => {
    const tracker = new Tracker();
    tracker.follow([face(0, 1, 0)]);
    expect(tracker.follow([face(30, 0, 1)])).toMatchObject([{ id: 2, probabilities: [0, 1] }]);
  });

  it('remembers a hidden face for five frames', () => {
    const tracker = new Tracker();
    tracker.follow([face(0, 1, 0)]);
    for (let frame = 0; frame < 5; frame++) expect(tracker.follow([])).toEqual([]);
    expect(tracker.follow([face(0, 1, 0)])[0]!.id).toBe(1);
    for (let frame = 0; frame < 6; frame++) tracker.follow([]);
    expect(tracker.follow([face(0, 1, 0)])[0]!.id).toBe(2);
  });
});
