import { realpath } from 'node:fs/promises';
import { writeManifest } from '../../data/manifest-file.js';
import { writeProblemsFile } from '../../data/problems-file.js';
import type { Problem } from '../../data/sample.js';
import { PICTURE_ENDINGS } from '../../images/encode.node.js';
import { usableDevice } from '../../runtime/choose-device.node.js';
import { sourceState } from '../file-state.js';
import type { JobPictures } from '../job-pictures.js';
import { openJobPictures } from '../job-pictures.js';
import { localExecutor } from '../local-executor.js';
import type { PictureOutcome } from '../picture-job.js';
import { doPictures } from '../picture-job.js';
import type { PictureJournal } from '../picture-journal.js';
import type { QueuePlace } from '../queue/queue-executor.js';
import type { ShardExecutor } from '../shards.js';
import { inShards } from '../shards.js';
import { workerCount } from '../worker-count.js';
import type { CropFolder } from './crop-folder.js';
import { openCropFolder } from './crop-folder.js';
import type { CropFolders, CropItem } from './cropper.js';
import { undoneRecord } from './cropper.js';
import { cropStems } from './names.js';
import type { CropRecord } from './record.js';
import { recordSchema } from './record.js';
import type { CropLooks, CropOptions, CropPlan } from './settings.js';
import { looksOf, planCrops } from './settings.js';
import { croppedManifest, cropsTable, faultsOf } from './tables.js';
import type { CropWorkerData } from './worker.js';

const WORKER = new URL('./worker.js', import.meta.url);

/** What a crop job came to. */
export interface CropSummary {
  /** Folder of the crops. */
  readonly out: string;
  /** Whether all pictures were done; false after an abort. */
  readonly finished: boolean;
  /** Pictures of the source. */
  readonly pictures: number;
  /** Pictures with a face, without one, and those that could not be read; of an unfinished job, so far. */
  readonly withFace: number;
  readonly withoutFace: number;
  readonly unreadable: number;
  /** Files written. */
  readonly crops: number;
  /** Pictures that this call did; the others were done before. */
  readonly done: number;
  readonly picturesPerSecond: number;
  /** Pictures that could not be read, and what else of the source was left out. */
  readonly problems: readonly Problem[];
}

/** Starts what does the items. */
export type StartCropping = (looks: CropLooks, folders: CropFolders) => Promise<ShardExecutor<CropItem, CropRecord>>;

/**
 * Makes a data set of aligned faces: a crop of the largest face of every picture of a folder or manifest, in a folder of
 * the same structure, and in it `crops.csv` with a row per picture and, for a manifest, `manifest.csv` with its columns.
 *
 * Called again with the same options, it goes on where it was stopped or killed; what is done is not done again, unless
 * the picture has changed. The files are the same however often it was interrupted and with any number of workers.
 * @param onProgress is told how many pictures are done
 * @param signal when aborted, the pictures under way are finished and the lists are not written
 * @throws {ConfigError} for options that cannot be used, or a folder with other crops
 * @throws {DataError} when the source cannot be used
 * @throws {FileError} when something cannot be written
 * @example await cropPictures({ source: 'photos', out: 'faces', size: 224 });
 */
export async function cropPictures(
  options: CropOptions,
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<CropSummary> {
  const plan = planCrops(options);
  const device = await usableDevice(plan.device);
  const workers = workerCount(plan.workers, device);
  const start: StartCropping = (looks, folders) => {
    const data: CropWorkerData = { looks, folders, device };
    return Promise.resolve(inShards(localExecutor(WORKER, workers, data)));
  };
  return await runCropJob(plan, start, onProgress, signal);
}

/**
 * The same, done by workers on any number of machines, which must see the source and the crops under the same paths.
 * @throws {ConnectionError} when Redis cannot be reached
 */
export async function cropPicturesThrough(
  place: QueuePlace,
  options: Omit<CropOptions, 'device' | 'workers'>,
  onProgress?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<CropSummary> {
  // Only who needs a queue loads what it takes.
  const { openQueueExecutor } = await import('../queue/queue-executor.js');
  const start: StartCropping = (settings, folders) =>
    openQueueExecutor(
      {
        out: folders.out,
        taskOf: (items) => ({ kind: 'crop', settings, folders: { ...folders }, items: [...items] }),
        resultSchema: recordSchema,
        deadResult: undoneRecord,
      },
      place,
      signal,
    );
  return await runCropJob(planCrops(options), start, onProgress, signal);
}

/** The job itself, wherever the items are done. */
export async function runCropJob(
  { settings, out }: CropPlan,
  start: StartCropping,
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<CropSummary> {
  const source = await openJobPictures(settings.source, settings.root, out);
  const { files, names = files } = source;
  const stems = cropStems(names, PICTURE_ENDINGS[settings.format]);
  const folder = await openCropFolder(out, settings);
  try {
    await folder.prepare(stems);
    const folders = { root: source.root, out: await realpath(out) };
    return await doPictures(
      {
        ...{ out: folders.out, journalFile: folder.journalFile, schema: recordSchema, files },
        itemAt: (index) => ({ file: files[index]!, stem: stems[index]! }),
        stillHolds: (record, item) => stillHolds(record, item, source.root, folder),
        start: () => start(looksOf(settings), folders),
      },
      async (outcome) => {
        const summary = summarise(out, source, outcome);
        if (!summary.finished) return summary;
        await folder.clean(stems);
        await writeLists(source, folder, outcome.results, summary.problems);
        return summary;
      },
      onProgress,
      signal,
    );
  } finally {
    folder.release();
  }
}

/** A picture that could not be read is tried again. */
async function stillHolds(record: CropRecord, { file, stem }: CropItem, root: string, folder: CropFolder): Promise<boolean> {
  if (record.faces === undefined || record.stem !== stem) return false;
  if (record.state !== (await sourceState(root, file))) return false;
  return await folder.holdsAll(record.crops);
}

function summarise(out: string, source: JobPictures, { results, finished, done, perSecond }: PictureOutcome<CropRecord>): CropSummary {
  const counts = { withFace: 0, withoutFace: 0, unreadable: 0, crops: 0 };
  const problems = [...source.problems];
  for (const record of results) {
    const { faces } = record;
    counts[faces === undefined ? 'unreadable' : faces > 0 ? 'withFace' : 'withoutFace']++;
    counts.crops += cropNames(record).length;
    problems.push(...faultsOf(record));
  }
  return { out, finished, pictures: source.files.length, ...counts, done, picturesPerSecond: perSecond, problems };
}

/** Writes the lists, and removes crops that belong to no picture any more: of one that was changed, renamed or removed. */
async function writeLists(
  source: JobPictures,
  folder: CropFolder,
  results: PictureJournal<CropRecord>,
  problems: readonly Problem[],
): Promise<void> {
  for (const crop of namesOfNone(results)) await folder.remove(crop);
  await writeProblemsFile(folder.problemsFile, problems);
  if (source.table !== undefined) await writeManifest(folder.manifestFile, croppedManifest(source.table, source.files, results));
  await writeManifest(folder.cropsFile, cropsTable(results));
}

/** The crops that there have been and that belong to no picture. */
function namesOfNone(results: PictureJournal<CropRecord>): Set<string> {
  const names = new Set<string>();
  for (const record of results.superseded()) for (const crop of cropNames(record)) names.add(crop);
  if (names.size > 0) for (const record of results) for (const crop of cropNames(record)) names.delete(crop);
  return names;
}

function cropNames({ crops }: CropRecord): string[] {
  return crops.map(({ crop }) => crop).filter((crop) => crop !== '');
}
