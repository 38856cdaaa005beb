/** The calibration of a run: what is done to its logits, and which weights that was fitted for. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { FormatError, messageOf } from '../base/errors.js';
import { readFileIfPresent, writeFileAtomic } from '../base/files.node.js';
import type { HostTensor } from '../base/tensor.js';
import type { RunFolder } from './run-folder.js';

const finite = z.number().nonnegative();
const figures = z.object({ loss: finite, calibrationError: finite });

const storedSchema = z.object({
  /** SHA-256 of the weights; the temperature holds for no others. */
  weights: z.string(),
  temperature: z.number().positive(),
  offsets: z.array(z.number()).readonly().exactOptional(),
  /**
   * Absolute path of the data set whose validation pictures it was fitted on, and how many there were; missing with weights
   * that were imported.
   */
  data: z.string().exactOptional(),
  pictures: z.int().positive().exactOptional(),
  /** Loss and expected calibration error of these pictures with the temperature 1 and with the fitted one. */
  before: figures.exactOptional(),
  after: figures.exactOptional(),
});

/** A fitted temperature as the run keeps it. */
export type StoredCalibration = z.infer<typeof storedSchema>;

const fileSchema = z.object({ best: storedSchema.optional(), last: storedSchema.optional() });

type Weights = ReadonlyMap<string, HostTensor>;

/**
 * The temperature that was fitted for a checkpoint. There is none when the checkpoint holds other weights than those
 * that it was fitted for, as after further training.
 * @throws {FormatError} when the file is damaged
 */
export async function readCalibration(
  run: RunFolder,
  checkpoint: 'best' | 'last',
  weights: Weights,
): Promise<StoredCalibration | undefined> {
  const stored = (await readAll(run))[checkpoint];
  return stored !== undefined && stored.weights === digestOf(weights) ? stored : undefined;
}

/** Keeps the temperature of a checkpoint; that of the other one stays. @throws {FileError} {FormatError} */
export async function writeCalibration(
  run: RunFolder,
  checkpoint: 'best' | 'last',
  weights: Weights,
  fitted: Omit<StoredCalibration, 'weights'>,
): Promise<void> {
  const stored: StoredCalibration = { weights: digestOf(weights), ...fitted };
  const all = { ...(await readAll(run)), [checkpoint]: stored };
  await writeFileAtomic(run.calibrationFile, `${JSON.stringify(all, undefined, 2)}\n`);
}

async function readAll(run: RunFolder): Promise<z.infer<typeof fileSchema>> {
  const bytes = await readFileIfPresent(run.calibrationFile);
  if (bytes === undefined) return {};
  try {
    return fileSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new FormatError(run.calibrationFile, `is damaged: ${reason}`, {
      hint: 'Remove it, and calibrate again with `ageband evaluate --calibrate`.',
      cause: error,
    });
  }
}

/** SHA-256 over names, shapes and values. */
export function digestOf(weights: Weights): string {
  const hash = createHash('sha256');
  for (const [name, { shape, data }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
