import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience } from './patience.js';

describe('Patience', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is over once when nothing was heard for so long, and not before', () => {
    const whenOver = vi.fn();
    const patience = new Patience(10, whenOver);
    vi.advanceTimersByTime(9400);
    patience.hear();
    vi.advanceTimersByTime(9400);
    expect(whenOver).not.toHaveBeenCalled();
    vi.advanceTimersByTime(20_000);
    expect(whenOver).toHaveBeenCalledTimes(1);
  });

  it('waits for good when that is what it is told', () => {
    const whenOver = vi.fn();
    const patience = new Patience(1e12, whenOver);
    vi.advanceTimersByTime(1e9);
    patience.end();
    expect(whenOver).not.toHaveBeenCalled();
  });

  it('is not over when it has ended', () => {
    const whenOver = vi.fn();
    new Patience(10, whenOver).end();
    vi.advanceTimersByTime(20_000);
    expect(whenOver).not.toHaveBeenCalled();
  });
});
