/** Tables of pictures: manifests, labelled CSV files, and the fold files of Adience. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openManifest } from '../../../src/data/manifest.js';
import { readManifestRows } from '../../../src/data/manifest-rows.js';
import { readLabelledCsv } from '../../../src/data/sources/labelled-csv.js';
import { readAdience } from '../../../src/data/sources/adience.js';
import { AGE_BANDS } from '../../../src/data/bands.js';
import { foldLine, foldText } from '../../support/fold-text.js';
import type { Family } from '../format.js';
import { mutatedText } from '../mutations.js';

const PICTURES = ['a.jpg', 'b.jpg', 'c/d.jpg', 'é.jpg'];

const MANIFESTS = [
  'file,band,subject,split,fold\na.jpg,0-2,s1,train,0\nb.jpg,60+,s2,valid,1\nc/d.jpg,25-32,s3,test,2\n',
  'file,age,group\r\na.jpg,3,g1\r\nb.jpg,25.5,g1\r\nc/d.jpg,77,\r\n',
  '\ufefffile,label\n"a.jpg","young, very"\n"é.jpg","old ""indeed"""\nb.jpg,x\n',
];

const TABLES = [
  ...MANIFESTS,
  'filename;age;sex;person\na.jpg;3;male;p1\nb.jpg;27;female;p2\n',
  'image\tband\tage\na.jpg\t(0, 2)\t1\nb.jpg\t(25, 32)\t30\n',
];

const FOLDS = [
  foldText(foldLine('x@N00', '1.jpg', 1, '(0, 2)', 'f'), foldLine('x@N00', '2.jpg', 1, '(8, 12)'), foldLine('y@N00', '3.jpg', 2, '35')),
  foldText(foldLine('z', '1.jpg', 7, 'None', 'u'), foldLine('z', '1.jpg', 7, '(25, 23)'), foldLine('w', '1.jpg', 9, '(60, 100)', '')),
];

export async function openTables(folder: string): Promise<Family> {
  for (const name of PICTURES) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), '');
  }
  const root = { root: folder };
  return {
    formats: [
      {
        name: 'manifest',
        cases: mutatedText(MANIFESTS),
        read: async (_, file) => {
          await readManifestRows(file, folder, { mapped: true });
          await openManifest(file, root);
        },
      },
      { name: 'manifest-of-bands', cases: mutatedText(MANIFESTS), read: (_, file) => openManifest(file, { ...root, classes: AGE_BANDS }) },
      { name: 'labelled-csv', cases: mutatedText(TABLES), read: (_, file) => readLabelledCsv(file, root) },
      { name: 'fold-file', file: 'fold_0_data.txt', cases: mutatedText(FOLDS), read: (_, file) => readAdience(dirname(file)) },
    ],
  };
}
