import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainedIn, writeSettings } from './soak/soak.js';
import type { Trained } from './soak/soak.js';
import { ageband, FACES, startAgeband } from './support/cli.js';
import type { Ended } from './support/cli.js';
import { agebandUnprivileged, MAY_CONTAIN, MAY_MOUNT, SmallDisk, startContained } from './support/disks.js';
import { contentOf, rowsOf } from './support/folder.js';
import { loading } from './support/workers.js';

const EPOCHS = 25;

let folder: string;
let settings: string;
let undisturbed: Trained;
/** A run that is finished. */
let run: string;
/** A few of the cartoon faces, and a sweep over all of them. */
let pictures: string;
let sweep: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-faults-'));
  [run, pictures, sweep] = [join(folder, 'run'), join(folder, 'pictures'), join(folder, 'sweep.yaml')];
  await chmod(folder, 0o755); // whom the permissions hold for must be able to look into it
  settings = await writeSettings(join(folder, 'settings.json'), EPOCHS);
  expect((await ageband('train', '--config', settings, '--out', run)).stderr).toBe('');
  undisturbed = await trainedIn(run);
  await mkdir(pictures);
  for (const name of (await readdir(join(FACES, '0-2'))).slice(0, 10)) await cp(join(FACES, '0-2', name), join(pictures, name));
  await writeFile(sweep, `data: ${FACES}\nmethod: grid\nfixed: { imageSize: 20, epochs: 1, batchSize: 8, limit: 64 }\nparameters: { seed: [1] }\n`);
});
afterAll(() => rm(folder, { recursive: true }));

/** The ways in which `ageband` writes into a folder. */
const WRITERS: readonly (readonly [command: string, words: (out: string) => string[]])[] = [
  ['train', (out) => ['train', '--config', settings, '--out', join(out, 'new')]],
  ['crop', (out) => ['crop', pictures, join(out, 'new')]],
  ['predict', (out) => ['predict', pictures, '--model', run, '--out', join(out, 'new')]],
  ['export', (out) => ['export', run, join(out, 'model.onnx')]],
  ['evaluate', (out) => ['evaluate', run, '--allow-leaks', '--no-near-duplicates', '--plots', join(out, 'new')]],
  ['import', (out) => ['import', join(run, 'model.onnx'), '--out', join(out, 'new')]],
  ['sweep', (out) => ['sweep', sweep, '--out', join(out, 'new')]],
  ['explain', (out) => ['explain', pictures, '--model', run, '--out', join(out, 'new')]],
  ['faithfulness', (out) => ['explain', '--faithfulness', FACES, '--limit', '8', '--model', run, '--out', join(out, 'new')]],
  ['report', (out) => ['report', run, '--out', join(out, 'new.html')]],
];

/** Some of them: all go through the same few functions. */
const some = (...names: readonly string[]): typeof WRITERS => WRITERS.filter(([command]) => names.includes(command));

/** What goes wrong is said in two lines: the file and the reason, and what to do. */
function expectRefusal({ code, stderr }: Ended, place: string, reason: string): void {
  expect(stderr).toMatch(new RegExp(`^error: ${place}[^\\n]*: cannot be [a-z]+: ${reason}\\nhint: [^\\n]+\\n$`));
  expect(code).toBe(1);
}

/** Files that must be whole: nothing but hidden ones, which the next run removes, may not be so. */
async function visibleIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ parentPath, name }) => join(parentPath, name));
}

/** Trains on a disk to which something happens after two epochs. */
async function trainUntil(out: string, happen: () => void | Promise<void>): Promise<Ended> {
  const training = startAgeband(['train', '--config', settings, '--out', out, '--json']);
  await training.lineThat((line) => line.includes('"kind":"epoch"') && line.includes('"epoch":2,'));
  await happen();
  return await training.ended;
}

async function expectToGoOn(out: string): Promise<void> {
  const { code, stderr } = await ageband('train', '--resume', '--out', out);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(await trainedIn(out)).toEqual(undisturbed);
}

describe.skipIf(!MAY_MOUNT)('a full disk', () => {
  it.each(WRITERS)('is what %s says, and nothing is half-written', async (command, words) => {
    const disk = SmallDisk.mount(command === 'sweep' ? 2000 : 64)!;
    disk.fill();
    expectRefusal(await ageband(...words(disk.path)), disk.path, 'the disk is full');
    expect(await visibleIn(disk.path)).toEqual([join(disk.path, 'filler')]);
  });

  it('ends a report in the middle, and all plots that are there are whole', async () => {
    const disk = SmallDisk.mount(160)!;
    const out = join(disk.path, 'report.html');
    expectRefusal(await ageband('report', run, '--out', out), disk.path, 'the disk is full');
    const files = await visibleIn(disk.path);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect((await sharp(file).stats()).channels.length, file).toBeGreaterThan(0);
    disk.grow(20_000);
    expect(await ageband('report', run, '--out', out)).toMatchObject({ code: 0, stderr: '' });
    expect((await readFile(out, 'utf8')).trimEnd().endsWith('</html>')).toBe(true);
  });

  it('ends a training, which goes on to the same weights when there is room', async () => {
    const disk = SmallDisk.mount(4000)!;
    const out = join(disk.path, 'run');
    expectRefusal(await trainUntil(out, () => disk.fill()), out, 'the disk is full');
    disk.free();
    await expectToGoOn(out);
  });

  it.each(['crop', 'predict'])('ends %s, which goes on where it stopped', async (command) => {
    const [, words] = WRITERS.find(([name]) => name === command)!;
    const whole = join(folder, `whole-${command}`);
    await mkdir(whole);
    expect((await ageband(...words(whole))).code).toBe(0);
    const disk = SmallDisk.mount(command === 'crop' ? 64 : 300)!;
    const job = startAgeband(words(disk.path));
    if (command === 'predict') {
      while ((await readdir(join(disk.path, 'new')).catch(() => [])).every((name) => name !== 'journal.jsonl')) await sleep(5);
      disk.fill();
    }
    expectRefusal(await job.ended, disk.path, 'the disk is full');
    disk.grow(8000);
    expect((await ageband(...words(disk.path))).code).toBe(0);
    expect(await contentOf(join(disk.path, 'new'), 'journal.jsonl')).toEqual(await contentOf(join(whole, 'new'), 'journal.jsonl'));
  });
});

describe.skipIf(!MAY_MOUNT)('a read-only disk', () => {
  it('ends a training, which goes on to the same weights when it can be written to', async () => {
    const disk = SmallDisk.mount(4000)!;
    const out = join(disk.path, 'run');
    expectRefusal(await trainUntil(out, () => disk.setReadOnly(true)), out, 'the file system is read-only');
    await disk.setReadOnly(false);
    await expectToGoOn(out);
  });

  it.each(some('train', 'predict', 'export', 'explain', 'faithfulness', 'report'))('is what %s says', async (_, words) => {
    const disk = SmallDisk.mount(4000)!;
    await disk.setReadOnly(true);
    expectRefusal(await ageband(...words(disk.path)), disk.path, 'the file system is read-only');
  });
});

// Windows has other permissions.
describe.skipIf(process.platform === 'win32')('no permission', () => {
  it.each(some('train', 'crop', 'export', 'sweep', 'explain', 'report'))('is what %s says', async (command, words) => {
    const out = join(folder, `closed-${command}`);
    await mkdir(out, { mode: 0o555 });
    expectRefusal(await agebandUnprivileged(...words(out)), out, 'no permission');
    expect(await readdir(out)).toEqual([]);
  });
});

describe.skipIf(!MAY_CONTAIN)('a process that was killed in another container', () => {
  it('leaves its folder to the next one two minutes later, and not before', async () => {
    const out = join(folder, 'contained');
    const words = ['crop', pictures, out];
    // Held in the middle, it is not done before it is killed, however busy the machine is.
    const held = { ...loading('held-crops.js'), AGEBAND_TEST_GO: join(folder, 'never') };
    const first = startContained('producer-0', [...words, '--workers', '1'], held);
    while (!existsSync(join(out, '.lock'))) await sleep(2);
    first.kill();
    await first.ended;
    const next = await startContained('producer-1', words).ended;
    expect(next.code).toBe(1);
    expect(next.stderr).toMatch(/^error: .*\.lock: process 1 on producer-0 works here since .*\nhint: .* call again 2 minutes after its end\.\n$/);
    const then = Date.now() / 1000 - 121;
    await utimes(join(out, '.lock'), then, then);
    expect(await startContained('producer-1', words).ended).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(out)).toContain('crops.csv');
    expect(existsSync(join(out, '.lock'))).toBe(false);
  });
});

describe('a data set of which pictures are gone', () => {
  const words = (...more: string[]): string[] => ['evaluate', ...more, '--allow-leaks', '--no-near-duplicates'];

  it('is measured on the others, each missing one being named; not on what was kept of them', async () => {
    const [data, out] = [join(folder, 'thinned'), join(folder, 'of-thinned')];
    await cp(FACES, data, { recursive: true });
    expect((await ageband('train', '--config', await writeSettings(join(folder, 'thinned.json'), 1, data), '--out', out)).stderr).toBe('');
    const rows = await rowsOf(join(out, 'split.csv'));
    const tested = rows.filter(({ split }) => split === 'test').map(({ file }) => file!);
    expect((await ageband(...words(out))).stdout).toMatch(new RegExp(`^test: ${tested.length} pictures\n`));
    const gone = tested.slice(0, 3);
    for (const file of gone) await rm(file);
    const { code, stdout, stderr } = await ageband(...words(out));
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^test: ${tested.length - 3} pictures\n`));
    expect(stderr).toBe(gone.map((file) => `${file}: not found\n`).join(''));
    const json = JSON.parse((await ageband(...words(out, '--json'))).stdout) as { pictures: number; problems: unknown[] };
    expect(json).toMatchObject({ pictures: tested.length - 3, problems: gone.map((file) => ({ file, reason: 'not found' })) });

    await rename(data, `${data}-elsewhere`);
    for (const command of [words(out), ['report', out], ['explain', '--model', out, '--faithfulness', data, '--out', join(folder, 'maps')]]) {
      const ended = await ageband(...command);
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/^error: .*none of the \d+ pictures .*can be read; .*\.jpg: not found\nhint: Check that the data set is in its place/);
    }
  });
});

describe('a data set that is gone', () => {
  it('is what a run says that is resumed; with the pictures back it goes on to the same weights', async () => {
    const data = join(folder, 'data');
    await cp(FACES, data, { recursive: true });
    const own = await writeSettings(join(folder, 'own.json'), EPOCHS, data);
    const out = join(folder, 'without-data');
    const training = startAgeband(['train', '--config', own, '--out', out, '--json']);
    await training.lineThat((line) => line.includes('"kind":"epoch"'));
    training.kill('SIGKILL');
    await training.ended;

    await rename(data, `${data}-elsewhere`);
    const without = await ageband('train', '--resume', '--out', out);
    expect(without).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*\.jpg: not found\nhint: .+\n$/) as unknown });
    await rename(`${data}-elsewhere`, data);
    await expectToGoOn(out);
  });
});
