import { dirname, relative, resolve, sep } from 'node:path';
import type { ManifestTable } from './manifest-file.js';
import type { Dataset } from './sample.js';

/** The folder that the pictures of a data set lie in. @param root that of a manifest, if it is not its own */
export function picturesFolder(dataset: Pick<Dataset, 'root' | 'kind'>, root?: string): string {
  return resolve(dataset.kind === 'manifest' ? (root ?? dirname(dataset.root)) : dataset.root);
}

/**
 * A data set with its splits as a manifest that `openDataset` reads.
 * @param folder what the names of the files start from; see {@link picturesFolder}
 */
export function datasetManifest({ samples, classes }: Dataset, folder: string): ManifestTable {
  return {
    header: ['file', 'label', 'age', 'group', 'split'],
    rows: samples.map(({ file, label, age, group, split }) => [
      ...[relative(folder, file).split(sep).join('/'), classes[label]!],
      ...[age === undefined ? '' : String(age), group ?? '', split ?? ''],
    ]),
  };
}
