/**
 * What lies in the queue: shards of the items of a job, with all that a worker must know. Whoever can write to Redis can
 * put anything there, so nothing of it is believed before it has passed this schema, and a worker then still asks
 * `AllowedPlaces` whether it may read and write what a shard names.
 */
import { createHash } from 'node:crypto';
import { isAbsolute, sep } from 'node:path';
import { z } from 'zod';
import { isAddress } from '../../base/download.node.js';
import { addressFault } from '../../data/addresses.js';
import { configSchema } from '../../training/config.js';
import { looksSchema } from '../crop/settings.js';
import { UnusableTask } from './unusable-task.js';

/** Changes when shards of another version can no longer be done. */
const FORMAT = 1;
/** Items of a shard, at most. */
const MOST_ITEMS = 1000;
const LONGEST_PATH = 4096;

const path = z.string().min(1).max(LONGEST_PATH).refine((text) => !text.includes('\0'), 'holds a character that no path can hold');
const absolutePath = path.refine(isAbsolute, 'is no absolute path');
/** A path with `/` that stays in its folder, as far as its text tells. */
const innerPath = path.refine((text) => {
  const steps = text.split(sep === '/' ? '/' : /[/\\]/);
  return !isAbsolute(text) && steps.every((step) => step !== '' && step !== '.' && step !== '..');
}, 'leads out of its folder');

/** A picture by its path in the folder, or by its address. */
const picture = path
  .refine((text) => !isAddress(text) || addressFault(text) === undefined, 'is an address that nothing is fetched from')
  .refine((text) => isAddress(text) || innerPath.safeParse(text).success, 'leads out of its folder');

const folders = z.strictObject({ root: absolutePath, out: absolutePath });
const format = z.literal(FORMAT).default(FORMAT);
const listOf = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(MOST_ITEMS);

const cropTask = z.strictObject({
  kind: z.literal('crop'),
  format,
  settings: looksSchema,
  folders,
  items: listOf(z.strictObject({ file: picture, stem: innerPath })),
});

const predictTask = z.strictObject({
  kind: z.literal('predict'),
  format,
  settings: z.strictObject({ model: z.string().regex(/^[0-9a-f]{64}$/) }),
  folders,
  items: listOf(z.strictObject({ file: picture })),
});

const isAbsoluteOrNone = (text: string | undefined): boolean => text === undefined || absolutePath.safeParse(text).success;

/** What a run is trained with; whatever it names, `AllowedPlaces` is asked about. */
const runSettings = configSchema
  .refine(({ data, root, from }) => [data, root, from].every(isAbsoluteOrNone), 'names what is no absolute path')
  .refine(({ weights }) => weights === undefined || isAddress(weights) || isAbsoluteOrNone(weights), 'names weights by no absolute path');

/** A run is as long as many shards: each is one of its own. */
const runTask = z.strictObject({
  kind: z.literal('run'),
  format,
  folders: z.strictObject({ out: absolutePath }),
  items: z
    .array(
      z.strictObject({
        /** The folder of the run in that of the job. */
        run: innerPath,
        settings: runSettings,
        until: z.int().positive().exactOptional(),
        split: z.enum(['valid', 'test']),
      }),
    )
    .length(1),
});

const taskSchema = z.discriminatedUnion('kind', [cropTask, predictTask, runTask]);

/** A shard as it lies in the queue. */
export type Task = z.output<typeof taskSchema>;
export type PictureTask = Exclude<Task, { kind: 'run' }>;
export type RunTask = Extract<Task, { kind: 'run' }>;
export type TaskInput = z.input<typeof taskSchema>;

/** @throws {UnusableTask} when it is no shard that this version of ageband can do */
export function parseTask(data: unknown): Task {
  const parsed = taskSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const { path: way, message } = parsed.error.issues[0]!;
  throw new UnusableTask(`is no shard that this version of ageband can do: ${way.join('.')}: ${message}`);
}

/** The same for the same shard, so that none is in the queue twice; it is the name of its result, too. */
export function idOf(task: Task): string {
  return `${task.kind}-${createHash('sha256').update(JSON.stringify(task)).digest('hex').slice(0, 40)}`;
}

/** The folder of a job, where results go. */
export function folderOf(task: Task): string {
  return task.folders.out;
}

/** What the first of its items is about: a picture, or the folder of a run. */
export function firstOf({ items: [first] }: Task): string {
  return first === undefined ? '' : 'run' in first ? first.run : first.file;
}
