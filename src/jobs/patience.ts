/**
 * Seconds without a sign of life after which work is given up. Of pictures, more than all attempts to fetch one take; of
 * runs, more than the longest step on a slow machine.
 */
export const GIVE_UP_AFTER = { shard: 600, run: 1800 } as const;

/** Attempts at what hangs: each costs a worker for long. */
export const ATTEMPTS_AT_HUNG = 2;

/** A process at work did nothing for too long, as when native code is caught in a loop. */
export class Hung extends Error {}

/** Parts of the time that is waited: a process that was itself stopped for long, as by Ctrl-Z, has missed but one of them. */
const PARTS = 20;
/** Milliseconds; a timer of more goes off at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits for signs of life of a process. */
export class Patience {
  readonly #timer: NodeJS.Timeout;
  #silentParts = 0;

  /**
   * @param seconds without a sign of life after which it is over
   * @param whenOver is called then, once
   */
  constructor(seconds: number, whenOver: () => void) {
    const wait = (): void => {
      if (++this.#silentParts < PARTS) return;
      this.end();
      whenOver();
    };
    this.#timer = setInterval(wait, Math.min((seconds * 1000) / PARTS, LONGEST_TIMER));
  }

  /** Takes note of a sign of life. */
  hear(): void {
    this.#silentParts = 0;
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
