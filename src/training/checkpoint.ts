/** Checkpoints: everything that a run needs to go on, in one safetensors file. */
import { z } from 'zod';
import { FileError, FormatError } from '../base/errors.js';
import type { ByteListener } from '../base/files.node.js';
import { readFileIfPresent, writeFileAtomic } from '../base/files.node.js';
import type { HostTensor } from '../base/tensor.js';
import { parseJson } from '../base/json.js';
import { readSafetensors, writeSafetensors } from '../formats/safetensors.js';
import { epochRecordSchema } from './history.js';
import type { EpochRecord } from './history.js';
import type { Score } from './targets.js';

const FORMAT = 'ageband-checkpoint';
const VERSION = '1';

/** Where a run stands, apart from its tensors. Random numbers need no state: they follow from seed and position. */
export interface CheckpointState {
  /** The epoch in progress, or the one that has just ended; from 1. */
  epoch: number;
  /** Optimiser steps since the start of the run. */
  step: number;
  /** Batches of the epoch that are done. */
  batchInEpoch: number;
  seed: number;
  /** Over the training pictures of the epoch so far. */
  sums: Score;
  /**
   * What the figures of its epochs tell: `target` is what the network is trained for, see `EpochRecord`. Missing in runs that were
   * begun before there was this entry: theirs are of bands alone, with pictures between two bands in that which they were given.
   */
  figures?: 'target' | undefined;
  /** The best epoch so far, by validation. */
  best?: EpochRecord | undefined;
  /** Of the settings that must not change when the run goes on. */
  configHash: string;
}

/** A moment of a run. */
export interface Checkpoint {
  /** Parameters and the optimiser's state by name. */
  tensors: Map<string, HostTensor>;
  state: CheckpointState;
}

/** Name and shape of a tensor that a network expects. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

const count = z.int().nonnegative();

const stateSchema: z.ZodType<CheckpointState> = z.object({
  epoch: z.int().nonnegative(),
  step: z.int().nonnegative(),
  batchInEpoch: z.int().nonnegative(),
  seed: z.int().nonnegative(),
  sums: z
    .object({ loss: z.number(), counted: count.optional(), correct: count, seen: count })
    .transform(({ counted, ...sums }) => ({ ...sums, counted: counted ?? sums.seen })),
  figures: z.literal('target').optional(),
  best: epochRecordSchema.optional(),
  configHash: z.string(),
});

/**
 * Writes a checkpoint atomically, without a copy of its tensors: they must not change before the promise resolves.
 * @throws {FileError} when the file cannot be written.
 */
export async function saveCheckpoint(path: string, { tensors, state }: Checkpoint, onWritten?: ByteListener): Promise<void> {
  const metadata = { format: FORMAT, version: VERSION, state: JSON.stringify(state) };
  await writeFileAtomic(path, writeSafetensors(tensors, metadata), onWritten);
}

/**
 * Reads a checkpoint. Its tensors share the memory of the file's content.
 * @throws {FileError} when there is no such file or it cannot be read.
 * @throws {FormatError} when it is damaged or no checkpoint.
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFileIfPresent(path);
  if (bytes === undefined) {
    throw new FileError(path, 'there is no such checkpoint', {
      hint: 'A run has its best checkpoint after the first epoch; until then there is only the last one.',
    });
  }
  const { tensors, metadata } = readSafetensors(bytes, path);
  return { tensors, state: parseState(metadata, path) };
}

/** Name of the tensor that holds the running mean of a parameter. */
export function averageOf(parameter: string): string {
  return `${parameter}/average`;
}

/**
 * The parameters of the network among the tensors of a checkpoint, or their running means where they are kept; those of
 * the optimiser are `parameter/slot`.
 */
export function parametersOf({ tensors }: Pick<Checkpoint, 'tensors'>): Map<string, HostTensor> {
  const names = [...tensors.keys()].filter((name) => !name.includes('/'));
  return new Map(names.map((name) => [name, tensors.get(averageOf(name)) ?? tensors.get(name)!]));
}

/**
 * Checks that a checkpoint holds exactly the expected tensors.
 * @param file name for the error message
 * @throws {FormatError} naming the first tensor that is missing, misshapen or unexpected.
 */
export function checkFits({ tensors }: Pick<Checkpoint, 'tensors'>, specs: readonly TensorSpec[], file: string): void {
  const fail = (reason: string): never => {
    const hint = 'A checkpoint fits only the network and the optimiser that it was made with.';
    throw new FormatError(file, reason, { hint });
  };
  for (const { name, shape } of specs) {
    const tensor = tensors.get(name);
    if (tensor === undefined) fail(`tensor "${name}" is missing`);
    else if (!sameShape(tensor.shape, shape)) {
      fail(`tensor "${name}" has shape [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`);
    }
  }
  const expected = new Set(specs.map(({ name }) => name));
  for (const name of tensors.keys()) if (!expected.has(name)) fail(`tensor "${name}" is unexpected`);
}

function parseState({ format, version, state }: Record<string, string>, path: string): CheckpointState {
  if (format !== FORMAT || state === undefined) throw new FormatError(path, 'is a safetensors file, but no checkpoint');
  if (version !== VERSION) {
    const reason = `is a checkpoint of version ${version ?? 'unknown'}; only version ${VERSION} can be read`;
    throw new FormatError(path, reason, { hint: 'Use the version of ageband that wrote it.' });
  }
  const parsed = stateSchema.safeParse(parseJson(state));
  if (!parsed.success) throw new FormatError(path, `has a damaged state: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}
