/**
 * Pictures per second of `ageband crop --redis` with one and with two workers of one thread, each in turn with the other:
 * `npm run build && npx tsx bench/scaling.ts redis://localhost:6379 FOLDER [rounds]`. FOLDER holds pictures; the queue there must be empty.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findPictures } from '../src/data/folder.js';
import { median } from './contenders.js';

const MAIN = 'dist/cli/main.js';
const [url, given, text = '3'] = process.argv.slice(2);
if (url === undefined || given === undefined) throw new Error('usage: npx tsx bench/scaling.ts REDIS_URL FOLDER [ROUNDS]');
const source = resolve(given);
const pictures = (await findPictures(source, source, [])).length;
const work = await mkdtemp(join(tmpdir(), 'ageband-scaling-'));
const rates: Record<1 | 2, number[]> = { 1: [], 2: [] };

try {
  console.log(`${pictures} pictures; the figures include the start of the command, about a second`);
  for (let round = 1; round <= Number(text); round++) {
    for (const workers of [1, 2] as const) rates[workers].push(await rateOf(workers, join(work, `${round}-${workers}`)));
    const [one, two] = [rates[1].at(-1)!, rates[2].at(-1)!];
    console.log(`round ${round}: ${one.toFixed(1)} pictures/s with one worker, ${two.toFixed(1)} with two, ratio ${(two / one).toFixed(2)}`);
  }
  console.log(`medians: ${median(rates[1]).toFixed(1)} and ${median(rates[2]).toFixed(1)}, ratio ${(median(rates[2]) / median(rates[1])).toFixed(2)}`);
} finally {
  await rm(work, { recursive: true });
}

/** Workers have done the same once before they are measured. */
async function rateOf(count: number, out: string): Promise<number> {
  const words = ['worker', '--redis', url!, '--read', source, '--write', work, '--workers', '1'];
  const workers = Array.from({ length: count }, () => start(words));
  try {
    await finished(start(['crop', source, `${out}-first`, '--redis', url!]));
    const begin = performance.now();
    await finished(start(['crop', source, out, '--redis', url!]));
    return pictures / ((performance.now() - begin) / 1000);
  } finally {
    for (const worker of workers) worker.kill();
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
  }
}

function start(words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function finished(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the command ended with ${code}`);
}
