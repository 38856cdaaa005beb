/** Predictions are kept in the run, so that the next report need not measure the same pictures again. */
import { join } from 'node:path';
import { z } from 'zod';
import type { Sample } from '../data/sample.js';
import { digestOf } from '../training/calibration.js';
import type { TrainConfig } from '../training/config.js';
import type { RunFolder } from '../training/run-folder.js';
import type { Predictions, RunNetwork } from './measured-network.js';
import { pictureDigest, readCache, writeCache } from './run-cache.js';

/** Digits that tell every float32 from its neighbours. */
const DIGITS = 9;

const storeSchema = z.object({
  fingerprint: z.string(),
  classes: z.array(z.string()),
  pictures: z.array(z.object({ index: z.int().nonnegative(), file: z.string(), logits: z.array(z.number()) })),
  problems: z.array(z.object({ file: z.string(), reason: z.string() })),
});

/**
 * What predictions depend on, as one word: the settings and weights of the network, and each picture with its label, its
 * subject, its size in bytes and the time of its last change.
 */
export async function fingerprintOf(
  { weights }: RunNetwork,
  { model, imageSize }: Pick<TrainConfig, 'model' | 'imageSize'>,
  samples: readonly Sample[],
): Promise<string> {
  return await pictureDigest([model, imageSize, digestOf(weights)], samples);
}

/**
 * The predictions that a run holds for these pictures; undefined when it has none with this fingerprint, or they are
 * damaged.
 */
export async function storedPredictions(
  run: RunFolder,
  fingerprint: string,
  samples: readonly Sample[],
  classes: number,
): Promise<Predictions | undefined> {
  const store = await readCache(storeFile(run), storeSchema);
  if (store?.fingerprint !== fingerprint) return undefined;
  const { pictures, problems } = store;
  if (pictures.some(({ index, logits }) => index >= samples.length || logits.length !== classes)) {
    return undefined;
  }
  return {
    samples: pictures.map(({ index }) => samples[index]!),
    logits: Float32Array.from(pictures.flatMap(({ logits }) => logits)),
    problems,
  };
}

/** Keeps predictions in `predictions.json`, in place of those before. */
export async function storePredictions(
  run: RunFolder,
  fingerprint: string,
  samples: readonly Sample[],
  classes: readonly string[],
  { samples: measured, logits, problems }: Predictions,
): Promise<void> {
  const indexOf = new Map(samples.map((sample, index) => [sample, index]));
  const pictures = measured.map((sample, row) => {
    const values = logits.subarray(row * classes.length, (row + 1) * classes.length);
    return JSON.stringify({
      ...{ index: indexOf.get(sample)!, file: sample.file },
      logits: Array.from(values, (value) => Number(value.toPrecision(DIGITS))),
    });
  });
  const head = JSON.stringify({ fingerprint, classes, problems }).slice(0, -1);
  await writeCache(storeFile(run), `${head},"pictures":[\n${pictures.join(',\n')}\n]}\n`);
}

function storeFile(run: RunFolder): string {
  return join(run.path, 'predictions.json');
}
