import { RequestError } from '../request-error.js';

/** How much may be under way at once. */
export interface AdmissionLimits {
  readonly requests: number;
  /** Of all bodies together. */
  readonly bytes: number;
}

/** Lets requests in while there is room, before anything of them is read. */
export class Admission {
  readonly #limits: AdmissionLimits;
  /** Seconds after which to try again. */
  readonly #patience: () => number;
  #requests = 0;
  #bytes = 0;

  constructor(limits: AdmissionLimits, patience: () => number) {
    this.#limits = limits;
    this.#patience = patience;
  }

  /** A visit, or the refusal TOO_MANY_REQUESTS when there is no room. */
  enter(): Visit | RequestError {
    if (this.#requests >= this.#limits.requests) return this.#full();
    this.#requests++;
    let held = 0;
    return {
      hold: (bytes) => {
        if (this.#bytes + bytes > this.#limits.bytes) throw this.#full();
        this.#bytes += bytes;
        held += bytes;
      },
      leave: () => {
        this.#requests--;
        this.#bytes -= held;
      },
    };
  }

  #full(): RequestError {
    return new RequestError('TOO_MANY_REQUESTS', 'too much is under way', { retryAfter: this.#patience() });
  }
}

/** A request that was let in. */
export interface Visit {
  /** Counts bytes that the request holds. @throws {RequestError} TOO_MANY_REQUESTS when there is no room for them */
  readonly hold: (bytes: number) => void;
  /** To be called once, when all is over. */
  readonly leave: () => void;
}
