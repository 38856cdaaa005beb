/** How well near copies are found: `npm run bench:duplicates -- MANIFEST --root FOLDER`; the manifest has a `group_id`. */
import { parseArgs } from 'node:util';
import { PictureError } from '../src/base/errors.js';
import { takeFingerprints } from '../src/data/duplicates/fingerprint.js';
import { findDuplicatePairs } from '../src/data/duplicates/near-duplicates.js';
import { columnValues, readManifestRows } from '../src/data/manifest-rows.js';
import { groupIndices } from '../src/data/groups.js';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { root: { type: 'string' } } });
const manifest = await readManifestRows(positionals[0]!, values.root);
const groups = columnValues(manifest, 'group_id');
const ages = columnValues(manifest, 'age');

const start = performance.now();
const results = await takeFingerprints(manifest.rows.map(({ file }) => file));
const read = performance.now();
const fingerprints = results.map((result) => (result instanceof PictureError ? undefined : result));
const pairs = findDuplicatePairs(fingerprints);
const searched = performance.now();

const known = groupIndices(groups).reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0);
const sharing = pairs.filter(({ first, second }) => groups[first] === groups[second]);
const others = pairs.filter(({ first, second }) => groups[first] !== groups[second]);
const differing = (some: typeof pairs): number =>
  some.filter(({ first, second }) => ages[first] !== ages[second]).length;
console.log(`${fingerprints.length} pictures read in ${((read - start) / 1000).toFixed(1)} s`);
console.log(`searched and compared in ${((searched - read) / 1000).toFixed(1)} s`);
console.log(
  `${sharing.length} of ${known} pairs with a common group_id found, ${differing(sharing)} with different ages`,
);
console.log(`${others.length} other pairs found, ${differing(others)} with different ages`);
const sorted = others.map(({ similarity }) => similarity).sort((a, b) => a - b);
console.log(
  `least correlations of others: ${sorted
    .slice(0, 10)
    .map((value) => value.toFixed(4))
    .join(' ')}`,
);
