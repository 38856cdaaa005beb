/** What is tried again where the fault may pass. */
import { setTimeout } from 'node:timers/promises';

/** The longest wait that the other side may ask for, in seconds. */
const LONGEST_DELAY = 60;

/** Faults that another attempt may overcome, and the seconds that the other side wants us to wait. */
const passing = new WeakMap<Error, number>();

export interface AttemptOptions {
  /** How often it is tried when the fault may pass, such as a server that is too busy; once by default. */
  readonly attempts?: number;
  /** Seconds before the second attempt, 1 by default, which double with each further one; a server may ask for more. */
  readonly delay?: number;
  readonly signal?: AbortSignal;
}

/**
 * Marks a fault as one that another attempt may overcome.
 * @param wanted seconds that the other side wants us to wait
 */
export function mayPass<Fault extends Error>(fault: Fault, wanted = 0): Fault {
  passing.set(fault, wanted);
  return fault;
}

/** Whether a server that answers with a status may answer otherwise later. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Tries until it succeeds, as often as it may; throws what the last attempt failed with. */
export async function withAttempts<Result>(
  attempt: () => Promise<Result>,
  { attempts = 1, delay = 1, signal }: AttemptOptions,
): Promise<Result> {
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (error) {
      const wanted = passing.get(error as Error);
      if (wanted === undefined || number >= attempts) throw error;
      const seconds = Math.max(delay * 2 ** (number - 1), Math.min(wanted, LONGEST_DELAY));
      await setTimeout(seconds * 1000, undefined, signal ? { signal } : {});
    }
  }
}
