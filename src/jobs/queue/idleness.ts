import { LONGEST_TIMER } from '../patience.js';

/**
 * Tells when there has been no work for long. It watches the work itself: BullMQ tells of no end of a job that went to another
 * worker meanwhile, or that Redis has forgotten.
 */
export class Idleness {
  /** Comes when there has been no work for so long. */
  readonly over: Promise<void>;
  readonly #start: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param seconds without work; without them it is never over */
  constructor(seconds: number | undefined) {
    let resolveOver = (): void => undefined;
    this.over = new Promise((resolve) => (resolveOver = resolve));
    this.#start = () => {
      if (seconds !== undefined) this.#timer = setTimeout(resolveOver, Math.min(seconds * 1000, LONGEST_TIMER));
    };
    this.#start();
  }

  /** Does work, one piece at a time. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.end();
    try {
      return await work();
    } finally {
      this.#start();
    }
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
