/**
 * Speed of `ageband crop` in pictures per second with one and two workers, beside the report's pipeline in dlib with as
 * many processes, each in turn with the others, so that a busy machine treats them alike; and the share of each stage.
 * It measures what is in dist/: build before.
 *
 *     npm run bench:crop -- [--folder FOLDER] [--pictures 2000] [--dlib-pictures 24] [--rounds 3] [--json]
 *
 * FOLDER holds JPEG files. The default is that of the Adience sample if it is there, and otherwise a portrait, enlarged
 * to 816 × 816 pixels.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { findPictures } from '../src/data/folder.js';
import type * as Ageband from '../src/index.js';
import { median } from './contenders.js';
import { STAGES, timeStages } from './crop-stages.js';
import { Dlib } from './dlib.js';

const built = new URL('../dist/index.js', import.meta.url);
const { cropPictures } = (await import(built.href)) as typeof Ageband;

const ADIENCE = fileURLToPath(new URL('../../shared/data/adience/aligned', import.meta.url));
const WORKERS = [1, 2];

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string' },
    pictures: { type: 'string', default: '2000' },
    'dlib-pictures': { type: 'string', default: '24' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);

/** Fills a folder with so many pictures, over and over those that there are. */
async function fill(folder: string): Promise<string[]> {
  await mkdir(folder);
  const count = Number(options.pictures);
  const given = options.folder ?? (existsSync(ADIENCE) ? ADIENCE : undefined);
  const found = given === undefined ? [await portrait(folder)] : await findPictures(given, given, []);
  const files = Array.from({ length: count }, (_, index) => join(folder, `${String(index).padStart(5, '0')}.jpg`));
  for (const [index, file] of files.entries()) await copyFile(found[index % found.length]!, file);
  return files;
}

async function portrait(folder: string): Promise<string> {
  const file = join(folder, '..', 'portrait.jpg');
  const source = fileURLToPath(new URL('../examples/portrait.jpg', import.meta.url));
  await sharp(source).resize(816, 816).jpeg({ quality: 90 }).toFile(file);
  return file;
}

/** A contender and what it reached in each round. */
interface Contender {
  readonly name: string;
  readonly workers: number;
  readonly run: (out: string) => Promise<number>;
  readonly rates: number[];
}

const folder = await mkdtemp(join(tmpdir(), 'ageband-bench-'));
try {
  const source = join(folder, 'pictures');
  const files = await fill(source);
  const dlib = Dlib.compile(folder);
  const processorSeconds: number[] = [];
  const ageband = (workers: number): Contender => ({
    ...{ name: 'ageband', workers, rates: [] },
    run: async (out) => {
      const before = process.cpuUsage();
      const { picturesPerSecond } = await cropPictures({ source, out, workers });
      const { user, system } = process.cpuUsage(before);
      processorSeconds.push((user + system) / 1e6 / files.length);
      return picturesPerSecond;
    },
  });
  const reference = (workers: number): Contender[] =>
    typeof dlib === 'string'
      ? []
      : [{ name: 'dlib', workers, rates: [], run: (out) => dlib.rate(files.slice(0, Number(options['dlib-pictures'])), workers, out) }];
  const contenders = WORKERS.flatMap((workers) => [ageband(workers), ...reference(workers)]);
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const out = join(folder, 'out');
      await mkdir(out);
      contender.rates.push(await contender.run(out));
      await rm(out, { recursive: true });
    }
  }
  const stages = await timeStages(files.slice(0, 100), 227);
  const whole = STAGES.reduce((sum, stage) => sum + stages[stage], 0);
  const results = contenders.map(({ name, workers, rates }) => {
    const rivals = contenders.find((other) => other.name === 'dlib' && other.workers === workers)?.rates;
    // Ratios are taken round by round, because the speed of a machine drifts.
    const ratio = rivals && name === 'ageband' ? median(rates.map((rate, round) => rate / rivals[round]!)) : undefined;
    return { name, workers, picturesPerSecond: median(rates), best: Math.max(...rates), ...(ratio ? { ratio } : {}) };
  });
  const shares = Object.fromEntries(STAGES.map((stage) => [stage, stages[stage] / whole]));
  const milliseconds = 1000 * median(processorSeconds);
  if (options.json) {
    const machine = { processor: cpus()[0]?.model, cores: availableParallelism() };
    console.log(JSON.stringify({ ...machine, pictures: files.length, rounds, results, milliseconds, shares }, null, 2));
  } else {
    console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${files.length} pictures, medians of ${rounds} rounds`);
    for (const { name, workers, picturesPerSecond, best, ratio } of results) {
      const unit = name === 'dlib' ? 'process(es)' : 'worker(s)';
      const beside = ratio === undefined ? '' : `, ${ratio.toFixed(1)} times dlib`;
      console.log(`  ${name.padEnd(8)} ${workers} ${unit.padEnd(11)} ${picturesPerSecond.toFixed(1)} pictures/s (best ${best.toFixed(1)})${beside}`);
    }
    if (typeof dlib === 'string') console.log(`  dlib       not measured: ${dlib}`);
    console.log(`  ${milliseconds.toFixed(1)} ms of processor time per picture`);
    console.log('\nshare of each stage, on one thread');
    for (const stage of STAGES) {
      const each = ((1000 * stages[stage]) / Math.min(100, files.length)).toFixed(1);
      console.log(`  ${stage.padEnd(8)} ${(100 * shares[stage]!).toFixed(0).padStart(3)} %  ${each.padStart(5)} ms`);
    }
  }
} finally {
  await rm(folder, { recursive: true });
}
