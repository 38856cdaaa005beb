import { appendFile, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { knownFace } from '../../../test/support/faces.js';
import { contentOf, rowsOf, temporaryFolder } from '../../../test/support/folder.js';
import type { Picture } from '../../images/picture.js';
import type { Executor } from '../executor.js';
import { inShards } from '../shards.js';
import { runCropJob } from './crop-pictures.js';
import type { StartCropping } from './crop-pictures.js';
import { Cropper } from './cropper.js';
import type { CropItem } from './cropper.js';
import type { CropRecord } from './record.js';
import type { CropOptions, CropSettings } from './settings.js';
import { planCrops } from './settings.js';

/** As many faces as the picture's red level says, from the largest on. */
const finder = {
  find: ({ data, width, height }: Picture) =>
    Promise.resolve(
      Array.from({ length: data[0]! }, (_, index) => knownFace({ x: width / 2, y: height / 2 }, 12 - index)),
    ),
};

/** A plain picture in which the finder sees a number of faces. */
async function pictureWith(faces: number, ending: 'png' | 'webp' = 'png'): Promise<Buffer> {
  const plain = sharp({ create: { width: 40, height: 30, channels: 3, background: { r: faces, g: 80, b: 120 } } });
  return await plain.toFormat(ending, { lossless: true }).toBuffer();
}

/** Runs a job on this thread; `cropped` receives the files in the order in which they were begun. */
async function crop(options: CropOptions, cropped: string[] = [], signal?: AbortSignal) {
  const start: StartCropping = (looks, folders) => {
    const cropper = new Cropper(finder, looks, folders);
    const executor: Executor<CropItem, CropRecord> = {
      capacity: 2,
      run: async (item) => {
        cropped.push(item.file);
        return await cropper.crop(item);
      },
      close: () => Promise.resolve(),
    };
    return Promise.resolve(inShards(executor));
  };
  return await runCropJob(planCrops({ size: 16, format: 'png', ...options }), start, undefined, signal);
}

/** What is in a folder but for the journal, which tells in which order things happened. */
const cropsIn = (folder: string) => contentOf(folder, 'journal.jsonl');

async function pictures(files: Readonly<Record<string, number>>) {
  const contents = Object.entries(files).map(async ([name, faces]) => [`in/${name}`, await pictureWith(faces)] as const);
  const root = await temporaryFolder(Object.fromEntries(await Promise.all(contents)));
  return { root, source: join(root, 'in'), out: join(root, 'out') };
}

describe('a crop job', () => {
  it('keeps the folders and lists every picture in the order of the source', async () => {
    const { source, out } = await pictures({ 'b.png': 1, 'x/a.png': 0, 'x/y/c.png': 3 });
    await writeFile(join(source, 'a.jpg'), 'broken');
    const summary = await crop({ source, out });
    expect(summary).toMatchObject({ finished: true, pictures: 4, withFace: 2, withoutFace: 1, unreadable: 1, crops: 3, done: 4 });
    expect(summary.problems).toHaveLength(1);
    expect(summary.problems[0]).toMatchObject({ file: 'a.jpg' });
    const rows = await rowsOf(join(out, 'crops.csv'));
    expect(rows.map(({ file, crop, faces, fallback }) => [file, crop, faces, fallback])).toEqual([
      ['a.jpg', '', '', 'skipped'],
      ['b.png', 'b.png', '1', ''],
      ['x/a.png', 'x/a.png', '0', 'whole picture'],
      ['x/y/c.png', 'x/y/c.png', '3', ''],
    ]);
    expect(rows[1]).toMatchObject({ left: '8', top: '3', width: '24', height: '24', score: '0.9', roll: '0', size: '24' });
    expect(rows[0]!['reason']).toMatch(/^unreadable: not a picture/);
    expect(Object.keys(await cropsIn(out))).toEqual([
      ...['b.png', 'crop.json', 'crops.csv', 'problems.csv', 'x/a.png', 'x/y/c.png'],
    ]);
  });

  it('keeps pictures apart that would have the same name', async () => {
    const { source, out } = await pictures({ 'a.png': 1 });
    await writeFile(join(source, 'a.webp'), await pictureWith(2, 'webp'));
    await crop({ source, out });
    const rows = await rowsOf(join(out, 'crops.csv'));
    expect(rows.map(({ file, crop, faces }) => [file, crop, faces])).toEqual([
      ['a.png', 'a.png.png', '1'],
      ['a.webp', 'a.webp.png', '2'],
    ]);
  });

  it('carries the columns of a manifest on, a row per crop', async () => {
    const { root, out } = await pictures({ 'a.png': 2, 'b.png': 0, 'c.png': 1 });
    const source = join(root, 'list.csv');
    await writeFile(source, 'age,file,group\n3,in/a.png,"p, q"\n4,in/b.png,r\n5,in/none.png,s\n6,in/c.png,t\n7,in/a.png,u\n');
    await crop({ source, out, allFaces: true, noFace: 'skip' });
    expect(await readFile(join(out, 'manifest.csv'), 'utf8')).toBe(
      'age,file,group\n3,in/a-1.png,"p, q"\n3,in/a-2.png,"p, q"\n6,in/c-1.png,t\n7,in/a-1.png,u\n7,in/a-2.png,u\n',
    );
  });

  it('goes on after an abort and comes to the same files', async () => {
    const files = { 'a.png': 1, 'b.png': 0, 'c.png': 2, 'd.png': 1, 'e.png': 3 };
    const { root, source, out } = await pictures(files);
    const whole = join(root, 'whole');
    await crop({ source, out: whole });

    const controller = new AbortController();
    const cropped: string[] = [];
    controller.abort();
    expect(await crop({ source, out }, cropped, controller.signal)).toMatchObject({ finished: false, done: 0 });
    expect(await readdir(out)).not.toContain('crops.csv');

    const halfway = new AbortController();
    const stopAtThird = Object.assign([], { push: (file: string) => (file === 'c.png' && halfway.abort(), cropped.push(file)) });
    expect(await crop({ source, out }, stopAtThird, halfway.signal)).toMatchObject({ finished: false, done: 3 });
    expect(cropped).toEqual(['a.png', 'b.png', 'c.png']);

    expect(await crop({ source, out }, cropped)).toMatchObject({ finished: true, pictures: 5, done: 2, withFace: 4 });
    expect(cropped).toEqual(['a.png', 'b.png', 'c.png', 'd.png', 'e.png']);
    expect(await cropsIn(out)).toEqual(await cropsIn(whole));
  });

  it('does again what has changed, is missing or could not be read, and nothing else', async () => {
    const { source, out } = await pictures({ 'a.png': 1, 'b.png': 2, 'c.png': 1, 'd.png': 1 });
    await writeFile(join(source, 'e.png'), 'broken');
    await crop({ source, out, allFaces: true });
    await writeFile(join(source, 'b.png'), await pictureWith(1));
    await utimes(join(source, 'b.png'), 1, 1);
    await writeFile(join(out, 'c-1.png'), '');
    await appendFile(join(out, 'journal.jsonl'), '{"file":"d.p');
    const cropped: string[] = [];
    expect(await crop({ source, out, allFaces: true }, cropped)).toMatchObject({ done: 3, crops: 4, unreadable: 1 });
    expect(cropped).toEqual(['b.png', 'c.png', 'e.png']);
    expect((await readdir(out)).filter((name) => name.endsWith('.png'))).toEqual(['a-1.png', 'b-1.png', 'c-1.png', 'd-1.png']);
  });

  it('follows a source that has changed, and removes no file that is not its own', async () => {
    const { root, source, out } = await pictures({ 'a.png': 1, 'b.png': 1 });
    await crop({ source, out });
    await rename(join(source, 'b.png'), join(source, 'c.png'));
    await writeFile(join(source, 'a.webp'), await pictureWith(1, 'webp'));
    await writeFile(join(out, 'mine.txt'), 'x');
    const strange = { file: 'z', stem: 'z', state: '', faces: 1, crops: [{ crop: '../in/a.png', bytes: 1, fallback: '', reason: '' }] };
    await appendFile(join(out, 'journal.jsonl'), `${JSON.stringify(strange)}\n`);
    await crop({ source, out });
    const after = await cropsIn(out);
    expect(Object.keys(after)).toEqual([
      ...['a.png.png', 'a.webp.png', 'c.png', 'crop.json', 'crops.csv', 'mine.txt', 'problems.csv'],
    ]);
    expect(await readdir(source)).toContain('a.png');
    const anew = join(root, 'anew');
    await crop({ source, out: anew });
    delete after['mine.txt'];
    expect(after).toEqual(await cropsIn(anew));
  });

  it('is refused a folder that holds something else', async () => {
    const { source, out } = await pictures({ 'a.png': 1 });
    await crop({ source, out });
    await expect(crop({ source, out, size: 17 })).rejects.toThrow(/made with another size: 16, now 17/);
    const { margin: _margin, ...older } = JSON.parse(await readFile(join(out, 'crop.json'), 'utf8')) as CropSettings;
    await writeFile(join(out, 'crop.json'), JSON.stringify(older));
    await expect(crop({ source, out })).rejects.toThrow(/another margin: none, now 0/);
    await rm(join(out, 'crop.json'));
    await expect(crop({ source, out })).rejects.toThrow(/out: is not empty: it holds a\.png/);
    await writeFile(join(out, 'crop.json'), '[1');
    await expect(crop({ source, out })).rejects.toThrow(/crop\.json: is not JSON/);
  });

  it('makes no folder for a source that cannot be used', async () => {
    const { root, out } = await pictures({ 'a.png': 1 });
    await mkdir(join(root, 'empty'));
    await expect(crop({ source: join(root, 'empty'), out })).rejects.toThrow(/no picture in it/);
    expect(await readdir(root)).toEqual(['empty', 'in']);
  });
});

describe('planCrops', () => {
  it('names every option that cannot be used', () => {
    expect(() => planCrops({ source: 'a', out: 'b', size: 0, margin: -1 })).toThrow(/size: .*, got 0; margin: .*, got -1/);
    expect(() => planCrops({ source: 'a', out: 'b', format: 'png', quality: 90 })).toThrow(/PNG .* has no quality/);
  });
});
