/**
 * Memory of the producer of `crop`, which has the results of workers that are not there: each with a face of 68 points and an
 * empty file for its crop. Prints the greatest memory of the process that does all and of one that finds all done.
 *
 *     npx tsx bench/producer.ts [PICTURES] [MEGABYTES]
 *
 * MEGABYTES is the heap that the process may have.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCropJob } from '../src/jobs/crop/crop-pictures.js';
import type { StartCropping } from '../src/jobs/crop/crop-pictures.js';
import type { CropItem } from '../src/jobs/crop/cropper.js';
import type { CropRecord } from '../src/jobs/crop/record.js';
import { planCrops } from '../src/jobs/crop/settings.js';
import { sourceState } from '../src/jobs/file-state.js';

const [pictures = '100000', megabytes = '4096', folder] = process.argv.slice(2);
const PER_FOLDER = 1000;
const POINTS = Array.from({ length: 68 }, (_, index) => `${100.3 + index},${200.7 + index}`).join(' ');
const FACE = { left: 101.5, top: 202.5, width: 303.1, height: 303.1, score: 0.912, presence: 0.998, roll: -3.1, yaw: 4.2, pitch: -5.3 };
const QUALITY = { size: 303.1, sharpness: 123.4, inside: 1, points: POINTS };

if (folder === undefined) prepareAndRun();
else await produce(join(folder, 'in'), join(folder, 'out'));

function prepareAndRun(): void {
  const root = mkdtempSync(join(tmpdir(), 'ageband-producer-'));
  try {
    for (let index = 0; index < Number(pictures); index++) {
      const path = join(root, 'in', 'albums', `album-${Math.floor(index / PER_FOLDER)}`, `photo-of-somebody-${index}.jpg`);
      if (index % PER_FOLDER === 0) mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, '');
    }
    for (const what of ['all to be done', 'all done before']) {
      const words = [`--max-old-space-size=${megabytes}`, '--import', 'tsx', fileURLToPath(import.meta.url), pictures, megabytes, root];
      console.log(`${pictures} pictures, ${what}: ${execFileSync(process.execPath, words, { encoding: 'utf8' }).trim()}`);
    }
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function produce(source: string, out: string): Promise<void> {
  const started = performance.now();
  const start: StartCropping = (_, { root }) =>
    Promise.resolve({
      capacity: 10,
      shardSize: () => 100,
      run: async (items: readonly CropItem[]) => await Promise.all(items.map((item) => recordOf(item, root, out))),
      close: () => Promise.resolve(),
    });
  const { done } = await runCropJob(planCrops({ source, out }), start);
  const seconds = (performance.now() - started) / 1000;
  console.log(`${done} done in ${seconds.toFixed(0)} s, peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
}

async function recordOf({ file, stem }: CropItem, root: string, out: string): Promise<CropRecord> {
  const crop = `${stem}.jpg`;
  writeFileSync(join(out, crop), '');
  const state = await sourceState(root, file);
  return { file, stem, state, faces: 1, crops: [{ crop, bytes: 0, face: { ...FACE, ...QUALITY }, fallback: '', reason: '' }] };
}
