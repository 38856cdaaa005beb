/** What a run and a job keep in their folders and read back. */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import { readHistory } from '../../../src/training/history.js';
import { readPictures } from '../../../src/training/pictures.js';
import { readCalibration } from '../../../src/training/calibration.js';
import { loadCheckpoint, parametersOf } from '../../../src/training/checkpoint.js';
import { RunFolder } from '../../../src/training/run-folder.js';
import { lockFolder } from '../../../src/training/run-lock.js';
import { runModel } from '../../../src/training/export.js';
import { summariseRun } from '../../../src/server/runs/summary.js';
import { storedPredictions } from '../../../src/evaluation/prediction-store.js';
import { findNearCopies } from '../../../src/evaluation/near-copies.js';
import { pictureDigest } from '../../../src/evaluation/run-cache.js';
import { openJobFolder } from '../../../src/jobs/job-folder.js';
import { Journal } from '../../../src/jobs/journal.js';
import { recordSchema as cropRecord } from '../../../src/jobs/crop/record.js';
import { recordSchema as predictRecord } from '../../../src/jobs/predict/record.js';
import { recordSchema as sweepRecord } from '../../../src/jobs/sweep/record.js';
import type { Family, Format } from '../format.js';
import { mutatedBinary, mutatedText } from '../mutations.js';
import { makeSmallRun, SMALL_CLASSES } from '../small-run.js';
import { jsonOf, mutatedJson, mutatedValue } from '../values.js';
import { mutatedSafetensors } from './safetensors-cases.js';

const CROPS = [
  {
    ...{ file: 'a.jpg', stem: 'a', state: '10 bytes at 1', faces: 1 },
    crops: [{ crop: 'a.jpg', bytes: 10, fallback: '', reason: '', face: { left: 1, top: 2, width: 3, height: 4, score: 1, presence: 1, roll: 0, yaw: 0, pitch: 0, size: 9, sharpness: 1, inside: 1, points: '1,2' } }],
  },
  { file: 'b.jpg', stem: 'b', state: 'none', crops: [{ crop: '', bytes: 0, fallback: 'skipped', reason: 'no face' }] },
];
const PREDICTIONS = [
  { file: 'a.jpg', state: '1', whole: { band: '0-2', probabilities: [1, 0], age: { expected: 1, from: 0, to: null } }, faces: [] },
  { file: 'b.jpg', state: '2', error: 'not found' },
];
const RESULT = {
  ...{ pictures: 4, subjects: 4, loss: 1, accuracy: 0.5, oneOff: 1, balancedAccuracy: 0.5, meanClassError: 0.5, ageError: null },
  ...{ calibrationError: 0.1, confusion: [[1, 1], [1, 1]], bestEpoch: 1, epochs: 1, seconds: 1, problems: [] },
};
const TRIALS = [
  { kind: 'begun', trial: 0, rung: 0 },
  { kind: 'done', trial: 0, rung: 0, peakMemory: 1e9, result: RESULT },
  { kind: 'failed', trial: 1, rung: 0, reason: 'diverged' },
];

/** Lines of a journal, damaged as text or in what they say. */
function journalOf(entries: readonly unknown[]): Arbitrary<Uint8Array> {
  const whole = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const lines = fc.array(mutatedValue(entries), { maxLength: 4 }).map((values) => Buffer.from(values.map((value) => `${jsonOf(value)}\n`).join('')));
  return fc.oneof(mutatedText([whole]), lines);
}

export async function openRuns(folder: string): Promise<Family> {

  const run = await makeSmallRun(folder);
  const text = (name: string): Promise<string> => readFile(join(run, name), 'utf8');
  const config = JSON.parse(await text('config.json')) as unknown;
  const weights = parametersOf(await loadCheckpoint(join(run, 'checkpoints/best.safetensors')));
  const [configText, historyText, splitText] = await Promise.all([text('config.json'), text('history.jsonl'), text('split.csv')]);
  const checkpoint = await readFile(join(run, 'checkpoints/best.safetensors'));
  const calibration = { best: { weights: 'x', temperature: 1.5, offsets: [0, 1], data: '/x', pictures: 3, before: { loss: 1, calibrationError: 0.1 } } };
  const store = { fingerprint: 'f', classes: SMALL_CLASSES, pictures: [{ index: 0, file: 'a', logits: [1, 2] }], problems: [{ file: 'b', reason: 'x' }] };
  const job = { source: '/data', size: 64, margin: 0, format: 'jpeg' };
  const copies = { [await pictureDigest('near copies 2', [])]: { pairs: [[0, 1]], unread: [2] }, x: { pairs: [], unread: [] } };
  const lock = { pid: 1, host: 'somewhere', since: '2026-01-01T00:00:00.000Z' };

  const json = (name: string, file: string, samples: readonly unknown[], read: Format['read']): Format => ({
    ...{ name, file, read },
    cases: fc.oneof(mutatedJson(samples), mutatedText(samples.map((sample) => JSON.stringify(sample)))),
  });
  const inFolder = (file: string): InstanceType<typeof RunFolder> => new RunFolder(dirname(file));
  const journal = (name: string, entries: readonly unknown[], schema: typeof cropRecord | typeof predictRecord | typeof sweepRecord): Format => ({
    ...{ name, file: 'journal.jsonl', cases: journalOf(entries) },
    read: async (_, file) => {
      const places: number[] = [];
      const opened = await Journal.open<unknown>(file, schema, (_entry, place) => places.push(place));
      for (const place of places) opened.read(place);
      await opened.close();
    },
  });
  return {
    formats: [
      {
        ...json('run-configuration', 'config.json', [config], async (_, file) => {
          const path = dirname(file);
          await mkdir(join(path, 'checkpoints'), { recursive: true });
          await copyFile(join(run, 'checkpoints/best.safetensors'), join(path, 'checkpoints/best.safetensors'));
          await summariseRun({ id: 'x', path });
          await runModel(path, { checkpoint: 'best' });
        }),
        cases: fc.oneof(mutatedJson([config]), mutatedText([configText])),
      },
      { name: 'run-history', file: 'history.jsonl', cases: mutatedText([historyText]), read: (_, file) => readHistory(inFolder(file)) },
      { name: 'run-split', file: 'split.csv', cases: mutatedText([splitText]), read: (_, file) => readPictures(inFolder(file), SMALL_CLASSES) },
      json('run-calibration', 'calibration.json', [calibration], (_, file) => readCalibration(inFolder(file), 'best', weights)),
      json('run-predictions', 'predictions.json', [store], (_, file) => storedPredictions(inFolder(file), 'f', [{ file: 'a', label: 0 }], 2)),
      json('run-near-copies', 'near-copies.json', [copies], (_, file) => findNearCopies(inFolder(file), [], () => undefined)),
      json('lock', '.lock', [lock], (_, file) => lockFolder(dirname(file))()),
      json('job-settings', 'crop.json', [job], async (_, file) => {
        (await openJobFolder(dirname(file), { settingsFile: 'crop.json', settings: job, makes: 'crops' }))();
      }),
      journal('journal-of-crops', CROPS, cropRecord),
      journal('journal-of-predictions', PREDICTIONS, predictRecord),
      journal('journal-of-a-sweep', TRIALS, sweepRecord),
      {
        name: 'checkpoint',
        cases: fc.oneof(mutatedBinary([checkpoint]), mutatedSafetensors([checkpoint])),
        read: async (_, file) => parametersOf(await loadCheckpoint(file)),
      },
    ],
  };
}
