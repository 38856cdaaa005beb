/** Gives up what falls silent or takes too long; `end` must be called in any case. */
export class TimeLimits {
  readonly #controller = new AbortController();
  readonly #patience: number;
  readonly #end: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;

  /**
   * @param patience seconds without `heard`
   * @param deadline seconds for all of it; without it, there is no end
   */
  constructor(patience: number, deadline?: number) {
    this.#patience = patience;
    if (deadline !== undefined) this.#end = this.#abortAfter(deadline, `it took more than ${deadline} seconds`);
    this.heard();
  }

  /** Aborted with an error that says why. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something has come. */
  heard(): void {
    clearTimeout(this.#silence);
    this.#silence = this.#abortAfter(this.#patience, `nothing came for ${this.#patience} seconds`);
  }

  end(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#end);
  }

  #abortAfter(seconds: number, reason: string): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(new Error(reason)), seconds * 1000);
  }
}
