import { link, lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ConfigError, DataError } from '../base/errors.js';
import { cleanTemporaryFiles, copyFileAtomic, makeFolder, readFileIfPresent } from '../base/files.node.js';
import { isPictureName } from '../images/picture.js';
import { manifestText, writeManifest } from './manifest-file.js';
import type { ManifestTable } from './manifest-file.js';
import { classNames, columnValues, firstReason, readManifestRows, withColumn } from './manifest-rows.js';
import type { ManifestRow, ManifestRows } from './manifest-rows.js';
import { SafeNames } from './safe-names.js';
import type { Problem, Split } from './sample.js';
import { parseSplit } from './split-folders.js';

/** Options of {@link materialiseSplit}. */
export interface MaterialiseOptions {
  /** The folder to make; it must be empty, not there yet, or left by an interrupted call with the same split. */
  readonly into: string;
  /** `link` makes hard links, which take no room, and copies where those are impossible. */
  readonly how: 'copy' | 'link';
  /** Folder that the file names of the manifest start from. Default: that of the manifest. */
  readonly root?: string;
}

/** What {@link materialiseSplit} has done. */
export interface Materialised {
  readonly into: string;
  /** Pictures in the folders, including those of an interrupted call before. */
  readonly pictures: number;
  /** Pictures that were copied although links were wanted. */
  readonly copiedInstead: number;
  /** Pictures without a band, which have no folder. */
  readonly withoutBand: number;
  /** Rows that were left out, with the reasons. */
  readonly problems: readonly Problem[];
}

/** The manifest in the folder that is made: where each picture came from, with all else that was known of it. */
const RECORD = 'manifest.csv';
/** The column of the record with the path that a picture had in the manifest. */
const ORIGINAL = 'original';
/** Files that are copied at the same time. */
const AT_ONCE = 8;

/** A picture, and its place in the new folder as names of folders and file. */
interface Placement {
  row: ManifestRow;
  /** The file itself, with links resolved. */
  source: string;
  place: readonly [split: string, band: string, name: string];
}

/**
 * Makes the folders `train`, `valid` and `test`, with a folder per band in each, from a manifest with a column `split`:
 * the layout that the report's programs read, and `train` too. The new folder also holds the manifest, with the new
 * paths and all other columns.
 *
 * When it is interrupted, the same call goes on; no file is ever half there.
 * @param onProgress is told how many of the pictures are in place
 * @throws {ConfigError} when the folder holds something else.
 * @throws {DataError} when the manifest cannot be used or no row has a split and a band.
 * @throws {FileError} when something cannot be written.
 */
export async function materialiseSplit(
  path: string,
  { into, how, root }: MaterialiseOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<Materialised> {
  const manifest = await readManifestRows(path, root);
  const bands = classNames(manifest);
  const problems = [...manifest.problems];
  const placements = await placePictures(manifest, bands, problems);
  problems.sort((a, b) => a.line! - b.line!);
  if (placements.length === 0) {
    throw new DataError(`${path}: no row names both a split and a band${firstReason(problems)}`);
  }
  const folder = resolve(into);
  await prepareFolder(folder, recordOf(manifest, placements));
  const copiedInstead = await fillFolder(folder, placements, how, onProgress);
  const withoutBand = bands.filter((band) => band === undefined).length;
  return { into: folder, pictures: placements.length, copiedInstead, withoutBand, problems };
}

/** Finds the place of each picture that has one, in the order of the rows. */
async function placePictures(
  manifest: ManifestRows,
  bands: readonly (string | undefined)[],
  problems: Problem[],
): Promise<Placement[]> {
  const splits = columnValues(manifest, 'split');
  const sources = await Promise.all(manifest.rows.map(({ file }) => sourceOf(file)));
  const places = new Places();
  const placements: Placement[] = [];
  for (const [index, row] of manifest.rows.entries()) {
    const band = bands[index];
    const split = parseSplit(splits[index] ?? '');
    const { source, reason } = sources[index]!;
    if (band === undefined) continue;
    const problem = split === undefined ? 'the row names none of the splits train, valid and test' : reason;
    if (split === undefined || source === undefined) {
      problems.push({ file: manifest.path, line: row.line, reason: problem! });
      continue;
    }
    placements.push({ row, source, place: places.claim(split, band, basename(row.file)) });
  }
  return placements;
}

/** The names of the band folders, the same in each split, and of the files in each of them. */
class Places {
  readonly #folders = new SafeNames();
  readonly #folderOf = new Map<string, string>();
  readonly #files = new Map<string, SafeNames>();

  claim(split: Split, band: string, file: string): Placement['place'] {
    const folder = this.#folderOf.get(band) ?? this.#folders.claim(band);
    this.#folderOf.set(band, folder);
    const key = `${split}/${folder}`;
    const files = this.#files.get(key) ?? new SafeNames();
    this.#files.set(key, files);
    return [split, folder, files.claim(file)];
  }
}

/** The file behind a path, or why it cannot be taken. */
async function sourceOf(
  file: string,
): Promise<{ source: string; reason?: undefined } | { source?: undefined; reason: string }> {
  if (!isPictureName(file)) return { reason: `${file} has no ending of a picture, so it would be passed over` };
  try {
    const source = await realpath(file);
    return (await stat(source)).isFile() ? { source } : { reason: `not a file: ${file}` };
  } catch {
    return { reason: `no such file: ${file}` };
  }
}

function recordOf(manifest: ManifestRows, placements: readonly Placement[]): ManifestTable {
  const rows = placements.map(({ row }) => row);
  const originals = columnValues({ ...manifest, rows }, 'file').map((file) => file ?? '');
  const files = placements.map(({ place }) => place.join('/'));
  const header = manifest.header;
  const table = withColumn(withColumn({ header, rows }, ORIGINAL, originals), 'file', files);
  return { header: table.header, rows: table.rows.map(({ values }) => values) };
}

/** Makes the folder with its record, or finds it as an interrupted call has left it. */
async function prepareFolder(folder: string, record: ManifestTable): Promise<void> {
  await makeFolder(folder);
  await cleanTemporaryFiles(folder);
  const recordFile = join(folder, RECORD);
  const before = await readFileIfPresent(recordFile);
  if (before?.toString() === manifestText(record)) return;
  if ((await readdir(folder)).length > 0) {
    throw new ConfigError(`${folder}: the folder is not empty, and does not hold this very split`, {
      hint: 'Name a new folder, or empty this one.',
    });
  }
  await writeManifest(recordFile, record);
}

/** Puts every picture in its place that is not there yet; returns how many were copied instead of linked. */
async function fillFolder(
  folder: string,
  placements: readonly Placement[],
  how: 'copy' | 'link',
  onProgress: ((done: number, total: number) => void) | undefined,
): Promise<number> {
  for (const classFolder of new Set(placements.map(({ place: [split, band] }) => join(folder, split, band)))) {
    await makeFolder(classFolder);
    await cleanTemporaryFiles(classFolder);
  }
  let [done, copiedInstead] = [0, 0];
  const queue = placements.values();
  const work = async (): Promise<void> => {
    for (const { source, place } of queue) {
      const target = join(folder, ...place);
      const isThere = await lstat(target).then(
        () => true,
        () => false,
      );
      const linked = isThere || (how === 'link' && (await isLinked(source, target)));
      if (!linked) await copyFileAtomic(source, target);
      if (!linked && how === 'link') copiedInstead++;
      onProgress?.(++done, placements.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return copiedInstead;
}

/** Tries to make a hard link, which fails between two disks and on some file systems. */
async function isLinked(source: string, target: string): Promise<boolean> {
  return await link(source, target).then(
    () => true,
    () => false,
  );
}
