/** What a run tells on its way from a worker to the producer, who believes nothing of it before it has passed this schema. */
import { z } from 'zod';
import type { Problem } from '../../data/sample.js';
import { DEVICES } from '../../runtime/device.js';
import { epochRecordSchema } from '../../training/history.js';
import type { RunEvent } from './run-item.js';

const count = z.int().nonnegative();
const figure = z.number();

/** Of the events of a run those that are shown, without texts. */
const progressSchema: z.ZodType<RunEvent> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('weights'), done: count, total: count, verb: z.enum(['fetched', 'read']) }),
  z.object({ kind: z.enum(['loading', 'features', 'validation', 'evaluation']), done: count, total: count }),
  z.object({
    kind: z.literal('start'),
    device: z.enum(DEVICES),
    ...{ parameters: count, trainable: count.exactOptional(), trainImages: count, validImages: count },
    ...{ epochs: count, stepsPerEpoch: count },
    resumedAt: z.object({ epoch: count, step: count }).exactOptional(),
    // They stand in the run's folder.
    problems: z.unknown().transform((): Problem[] => []),
  }),
  z.object({
    kind: z.literal('step'),
    ...{ epoch: count, epochs: count, step: count, steps: count },
    ...{ loss: figure, accuracy: figure, imagesPerSecond: figure, secondsLeft: figure },
  }),
  z.object({ kind: z.literal('epoch'), record: epochRecordSchema, epochs: count, steps: count }),
]);

/** Undefined for what is no such event. */
export function parseProgress(data: unknown): RunEvent | undefined {
  return progressSchema.safeParse(data).data;
}

/** Milliseconds between two reports of the same epoch. */
const BETWEEN_REPORTS = 1000;

/**
 * Makes of the many events of a run the few that are worth sending: starts and epochs, and of the others one a second
 * while none is under way.
 */
export function sparingly(send: (event: RunEvent) => Promise<void>): (event: RunEvent) => void {
  let last = -Infinity;
  let sending = 0;
  return (event) => {
    const shown = parseProgress(event);
    if (shown === undefined) return;
    const isMajor = shown.kind === 'start' || shown.kind === 'epoch';
    if (!isMajor && (sending > 0 || performance.now() - last < BETWEEN_REPORTS)) return;
    last = performance.now();
    sending++;
    // Nobody depends on it.
    void send(shown).catch(() => undefined).finally(() => sending--);
  };
}
