/**
 * What each epoch of a run came to, in two files with the same content: `history.jsonl`, which is read back, and
 * `history.csv` for spreadsheets. Both are small and written whole, so that a killed process leaves no half line.
 */
import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { FormatError } from '../base/errors.js';
import { readFileIfPresent, writeFileAtomic } from '../base/files.node.js';
import type { RunFolder } from './run-folder.js';

/** One epoch, named as in the logs of Keras. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  /** Optimiser steps since the start of the run. */
  step: number;
  /**
   * Mean over the training pictures, taken while the weights change: of the cross-entropy of the bands and, with the target
   * years, the loss of the ages.
   */
  loss: number;
  /** In [0, 1], taken as the loss, without pictures whose age lies between two bands; 0 where there are no others. */
  accuracy: number;
  /** The same over the validation pictures after the epoch, without class weights and smoothing; null without such pictures. */
  val_loss: number | null;
  val_accuracy: number | null;
  /** Of the last step. */
  learning_rate: number;
  /** Duration of the epoch, validation included. */
  seconds: number;
  /** Training pictures per second. */
  images_per_second: number;
  /** Number of parameters that were trained, in a run that freezes layers. */
  trainable_parameters?: number | undefined;
}

const COLUMNS = [
  'epoch',
  'loss',
  'accuracy',
  'val_loss',
  'val_accuracy',
  'learning_rate',
  'seconds',
  'images_per_second',
  'step',
] as const satisfies (keyof EpochRecord)[];

/** Checks a record read from a file. */
export const epochRecordSchema: z.ZodType<EpochRecord> = z.object({
  epoch: z.int().positive(),
  step: z.int().nonnegative(),
  loss: z.number(),
  accuracy: z.number().min(0).max(1),
  val_loss: z.number().nullable(),
  val_accuracy: z.number().min(0).max(1).nullable(),
  learning_rate: z.number(),
  seconds: z.number().nonnegative(),
  images_per_second: z.number().nonnegative(),
  trainable_parameters: z.int().nonnegative().optional(),
});

/**
 * Adds an epoch, in place of itself and of later ones if the history holds them, and returns the whole history.
 * @throws {FileError} when the files cannot be written.
 */
export async function appendEpoch(run: RunFolder, record: EpochRecord): Promise<EpochRecord[]> {
  const history = [...(await readHistory(run)).filter(({ epoch }) => epoch < record.epoch), record];
  await writeHistory(run, history);
  return history;
}

/**
 * The epochs of a run, the first one first; none before the first is over. Damaged lines at the end are left out.
 * @throws {FormatError} when a line before the last good one is damaged.
 */
export async function readHistory(run: RunFolder): Promise<EpochRecord[]> {
  const text = (await readFileIfPresent(run.historyJsonLines))?.toString('utf8') ?? '';
  const records = text.trimEnd().split('\n').map(parseRecord);
  const end = records.findLastIndex((record) => record !== undefined) + 1;
  return records.slice(0, end).map((record, index) => {
    if (record === undefined) throw new FormatError(run.historyJsonLines, `line ${index + 1} is damaged`);
    return record;
  });
}

/** Drops every epoch after the given one, so that both files agree with a checkpoint, and returns what is left. */
export async function truncateHistory(run: RunFolder, epoch: number): Promise<EpochRecord[]> {
  const history = (await readHistory(run)).filter((record) => record.epoch <= epoch);
  await writeHistory(run, history);
  return history;
}

/** The best epoch of a history; undefined when it is empty. */
export function bestEpoch(history: readonly EpochRecord[]): EpochRecord | undefined {
  return history.reduce<EpochRecord | undefined>((best, record) => (isBetter(record, best) ? record : best), undefined);
}

/** The first epoch in which all layers were trained, where some were frozen before. */
export function unfrozenEpoch(history: readonly EpochRecord[]): EpochRecord | undefined {
  const trainedIn = (index: number): number => history[index]?.trainable_parameters ?? 0;
  return history.find((_, index) => index > 0 && trainedIn(index) > trainedIn(index - 1) && trainedIn(index - 1) > 0);
}

/** Whether the validation loss, or the training loss without validation, is below that of the best epoch so far. */
export function isBetter(record: EpochRecord, best: EpochRecord | undefined): boolean {
  return best === undefined || (record.val_loss ?? record.loss) < (best.val_loss ?? best.loss);
}

async function writeHistory(run: RunFolder, history: readonly EpochRecord[]): Promise<void> {
  const lines = history.map((record) => `${JSON.stringify(record)}\n`);
  await writeFileAtomic(run.historyJsonLines, lines.join(''));
  const freezes = history.some(({ trainable_parameters: trained }) => trained !== undefined);
  const columns = freezes ? [...COLUMNS, 'trainable_parameters'] : [...COLUMNS];
  await writeFileAtomic(run.historyCsv, stringify([...history], { header: true, columns }));
}

function parseRecord(line: string): EpochRecord | undefined {
  try {
    return epochRecordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
