/**
 * The history of a run as event files for TensorBoard, laid out as by the callback of Keras: `train/` and `validation/`
 * are runs of their own with the same tags, so that their curves share a chart.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { appendFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanTemporaryFiles, fileError, readFileIfPresent, writeFileAtomic } from '../base/files.node.js';
import type { EpochRecord } from './history.js';
import type { RunFolder } from './run-folder.js';
import { frameRecord } from './tfrecord.js';

const FILE_NAME = /^events\.out\.tfevents\.(?<start>\d+)\.ageband$/;

/** Field numbers of `tensorflow.Event`, `tensorflow.Summary` and `tensorflow.Summary.Value`. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2 } as const;

type Scalars = Record<string, number | null>;

/** The curves of each sub-run, by tag. */
const SUB_RUNS: Record<string, (record: EpochRecord) => Scalars> = {
  train: ({ loss, accuracy, learning_rate }) => ({
    epoch_loss: loss,
    epoch_accuracy: accuracy,
    epoch_learning_rate: learning_rate,
  }),
  validation: ({ val_loss, val_accuracy }) => ({ epoch_loss: val_loss, epoch_accuracy: val_accuracy }),
};

/**
 * Brings the event files of a run up to date with its history. Steps are epochs; times count from the start of the run
 * without interruptions.
 * @throws {FileError} when the files cannot be written.
 */
export async function writeTensorBoard(run: RunFolder, history: readonly EpochRecord[]): Promise<void> {
  for (const [name, scalarsOf] of Object.entries(SUB_RUNS)) {
    const scalars = history.map(scalarsOf);
    if (scalars.every(isEmpty)) continue;
    const folder = join(run.tensorboardFolder, name);
    const start = await startOf(folder, history);
    const events = encodeEvents(history, scalars, start);
    await bringUpToDate(folder, `events.out.tfevents.${start}.ageband`, events);
  }
}

function isEmpty(scalars: Scalars): boolean {
  return Object.values(scalars).every((value) => value === null);
}

/** Seconds since 1970 at which the run began: from the name of its event file, once there is one. */
async function startOf(folder: string, history: readonly EpochRecord[]): Promise<number> {
  try {
    await mkdir(folder, { recursive: true });
    const matches = (await readdir(folder)).map((name) => FILE_NAME.exec(name)?.groups?.['start']);
    const start = matches.find((match) => match !== undefined);
    if (start !== undefined) return Number(start);
  } catch (error) {
    throw fileError(folder, 'created', error);
  }
  return Math.floor(history.reduce((time, { seconds }) => time - seconds, Date.now() / 1000));
}

/** The content of an event file. One more epoch adds bytes at its end and changes none. */
function encodeEvents(history: readonly EpochRecord[], scalars: readonly Scalars[], start: number): Uint8Array {
  const version = new BinaryWriter().tag(EVENT.fileVersion, WireType.LengthDelimited).string('brain.Event:2');
  const events = [encodeEvent(start, 0, version)];
  let time = start;
  history.forEach(({ epoch, seconds }, index) => {
    time += seconds;
    const summary = new BinaryWriter();
    for (const [tag, value] of Object.entries(scalars[index]!)) if (value !== null) writeScalar(summary, tag, value);
    const field = new BinaryWriter().tag(EVENT.summary, WireType.LengthDelimited).bytes(summary.finish());
    events.push(encodeEvent(time, epoch, field));
  });
  return Buffer.concat(events.map(frameRecord));
}

function encodeEvent(time: number, step: number, what: BinaryWriter): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(EVENT.wallTime, WireType.Bit64).double(time);
  writer.tag(EVENT.step, WireType.Varint).int64(step);
  return writer.raw(what.finish()).finish();
}

function writeScalar(summary: BinaryWriter, tag: string, value: number): void {
  summary.tag(SUMMARY.value, WireType.LengthDelimited).fork();
  summary.tag(VALUE.tag, WireType.LengthDelimited).string(tag);
  summary.tag(VALUE.simpleValue, WireType.Bit32).float(value);
  summary.join();
}

/**
 * A TensorBoard that is watching keeps the file open, so new epochs go to its end. That is also safe against a kill:
 * half a record is completed at the next epoch. The file is replaced only when its beginning has changed, which happens
 * when a run is resumed from an earlier epoch.
 */
async function bringUpToDate(folder: string, name: string, events: Uint8Array): Promise<void> {
  const file = join(folder, name);
  const present = await readFileIfPresent(file);
  if (present === undefined || !present.equals(events.subarray(0, present.length))) {
    await cleanTemporaryFiles(folder);
    await writeFileAtomic(file, events);
    return;
  }
  try {
    await appendFile(file, events.subarray(present.length));
  } catch (error) {
    throw fileError(file, 'written', error);
  }
}
