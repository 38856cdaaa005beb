/** A process at work did nothing for too long, as when native code is caught in a loop. */
export class Hung extends Error {}

/** Parts of the time that is waited: a process that was itself stopped for long, as by Ctrl-Z, has missed but one of them. */
const PARTS = 20;

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
    this.#timer = setInterval(wait, (seconds * 1000) / PARTS);
  }

  /** Takes note of a sign of life. */
  hear(): void {
    this.#silentParts = 0;
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
