/**
 * `npm run check:s3 -- BUCKET`: whether pictures of a real S3 service come to the same results as those of the disk. Where it
 * is and as whom, the usual variables say (AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, profiles). The bucket must be there;
 * what is written lies below a prefix of its own and is removed in the end.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKS } from './checks.js';
import { openStore } from './store.js';

const [bucket] = process.argv.slice(2);
if (bucket === undefined) throw new Error('which bucket? npm run check:s3 -- BUCKET');
const store = openStore(bucket, `ageband-check-${randomBytes(4).toString('hex')}/`);
const folder = await mkdtemp(join(tmpdir(), 'ageband-s3-'));
let failed = 0;
try {
  for (const [name, check] of Object.entries(CHECKS)) {
    const start = performance.now();
    const fault = await check(store, folder).then(
      () => undefined,
      (error: unknown) => error,
    );
    console.log(`${fault === undefined ? 'held  ' : 'FAILED'} ${name}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
    if (fault === undefined) continue;
    failed++;
    console.log(fault);
  }
} finally {
  await store.removeAll();
  await rm(folder, { recursive: true });
}
console.log(failed === 0 ? `all ${Object.keys(CHECKS).length} checks held` : `${failed} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
