import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { adienceFolder } from './support/adience.js';
import { ageband, startAgeband } from './support/cli.js';
import { contentOf, rowsOf, temporaryFolder } from './support/folder.js';
import { difference, photos } from './support/photos.js';
import { PORTRAIT } from './support/portrait.js';
import { untilLines } from './support/wait.js';
import { loading } from './support/workers.js';

describe('ageband crop', () => {
  it('makes the crops of a folder, lists every picture, and leaves no bad picture unmentioned', async () => {
    const { source, out } = await photos();
    const { code, stdout, stderr } = await ageband('crop', source, out);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^album\/broken\.jpg: truncated or damaged\n$/);
    expect(stdout).toMatch(
      /^5 pictures: 3 with a face, 1 without, 1 unreadable\n4 crops in .*crops, [\d.]+ pictures\/s\n$/,
    );
    const rows = await rowsOf(join(out, 'crops.csv'));
    expect(rows.map(({ file, crop, faces, fallback }) => [file, crop, faces, fallback])).toEqual([
      ['portrait.jpg', 'portrait.jpg.jpg', '1', ''],
      ['portrait.png', 'portrait.png.jpg', '1', ''],
      ['album/broken.jpg', '', '', 'skipped'],
      ['album/nobody.png', 'album/nobody.jpg', '0', 'whole picture'],
      ['album/two.jpg', 'album/two.jpg', '2', ''],
    ]);
    for (const { crop } of rows) {
      if (crop !== '') expect(await sharp(join(out, crop!)).metadata()).toMatchObject({ width: 227, height: 227, format: 'jpeg' });
    }
    // The larger of two portraits is the one on the right.
    expect(Number(rows[4]!['left'])).toBeGreaterThan(330);
    // It was enlarged and compressed, and gives the same crop but for that; another picture is some 60 levels away.
    expect(await difference(join(out, 'album/two.jpg'), join(out, 'portrait.png.jpg'))).toBeLessThan(10);
  });

  it('writes every face with --all-faces, and other formats and sizes', async () => {
    const { source, out } = await photos();
    const words = ['--all-faces', '--no-face', 'skip', '--format', 'webp', '--quality', '80', '--size', '64', '--json'];
    const { stdout } = await ageband('crop', source, out, ...words);
    expect(JSON.parse(stdout)).toMatchObject({ finished: true, pictures: 5, withFace: 3, withoutFace: 1, crops: 4, done: 5 });
    expect((await readdir(join(out, 'album'))).sort()).toEqual(['two-1.webp', 'two-2.webp']);
    expect(await difference(join(out, 'album/two-1.webp'), join(out, 'album/two-2.webp'))).toBeLessThan(8);
    expect(await sharp(join(out, 'portrait.jpg-1.webp')).metadata()).toMatchObject({ width: 64, height: 64, format: 'webp' });
  });

  it('does not count faces below --min-size', async () => {
    const { source, out } = await photos();
    await ageband('crop', source, out, '--min-size', '90');
    const faces = (await rowsOf(join(out, 'crops.csv'))).map(({ file, faces }) => [file, faces]);
    expect(faces).toContainEqual(['album/two.jpg', '1']);
  });

  it('gives the same crop for all eight EXIF orientations', async () => {
    const turn: Record<number, (image: Sharp) => Sharp> = {
      1: (image) => image,
      2: (image) => image.flop(),
      3: (image) => image.rotate(180),
      4: (image) => image.flip(),
      5: (image) => image.rotate(270).flop(),
      6: (image) => image.rotate(270),
      7: (image) => image.rotate(90).flop(),
      8: (image) => image.rotate(90),
    };
    const files: Record<string, Uint8Array> = {};
    for (const [orientation, stored] of Object.entries(turn)) {
      // Rotation comes before mirroring, so that each of the eight is the inverse of what the orientation asks for.
      const upright = sharp(await sharp(PORTRAIT).png().toBuffer());
      files[`in/${orientation}.png`] = await sharp(await stored(upright).png().toBuffer())
        .withMetadata({ orientation: Number(orientation) })
        .png()
        .toBuffer();
    }
    const root = await temporaryFolder(files);
    const out = join(root, 'out');
    expect(await ageband('crop', join(root, 'in'), out, '--format', 'png')).toMatchObject({ code: 0, stderr: '' });
    for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
      expect(await difference(join(out, '1.png'), join(out, `${orientation}.png`)), `orientation ${orientation}`).toBeLessThan(1);
    }
  });

  it('carries the columns of a manifest on, ready for training', async () => {
    const { root, source } = await photos();
    const manifest = join(root, 'faces.csv');
    const lines = ['label,file,group', '25-32,portrait.jpg,"a, b"', '4-6,album/broken.jpg,c', '60+,album/two.jpg,d', '4-6,../x.jpg,e'];
    await writeFile(manifest, `${lines.join('\n')}\n`);
    const out = join(root, 'out');
    const { code, stderr } = await ageband('crop', manifest, out, '--root', source);
    expect(code).toBe(2);
    expect(stderr).toContain(`${manifest}:5: the path ../x.jpg leads out of ${source}\n`);
    expect(stderr).toContain('album/broken.jpg: truncated or damaged');
    expect(await readFile(join(out, 'manifest.csv'), 'utf8')).toBe(
      'label,file,group\n25-32,portrait.jpg,"a, b"\n60+,album/two.jpg,d\n',
    );
    const problems = await rowsOf(join(out, 'problems.csv'));
    expect(problems.map(({ file, line }) => [file, line])).toEqual([
      [manifest, '5'],
      ['album/broken.jpg', ''],
    ]);
  });

  it('takes several fold files of Adience, and the folder of the crops last', async () => {
    const root = await adienceFolder();
    const folds = [0, 1, 4].map((fold) => join(root, `folds/fold_${fold}_data.txt`));
    const out = join(root, 'out');
    const { code, stdout, stderr } = await ageband('crop', ...folds, out, '--size', '32');
    expect(code).toBe(2);
    expect(stdout).toMatch(/^1 picture: 0 with a face, 1 without, 0 unreadable\n1 crop in /);
    expect(stderr).toContain(`${folds[1]!}:3: there is no age\n`);
    expect(await readFile(join(out, 'manifest.csv'), 'utf8')).toBe(
      'file,subject,band,age,gender,fold,album\naligned/x@N00/landmark_aligned_face.1.1.jpg,1,0-2,,f,0,x@N00\n',
    );
    const again = await ageband('crop', folds[0]!, ...folds, out, '--size', '32');
    expect(again.stdout).toContain(' all done before\n');
  });

  it('refuses a folder made with other settings, and one that holds its source', async () => {
    const { root, source, out } = await photos();
    await ageband('crop', source, out);
    const other = await ageband('crop', source, out, '--no-face', 'skip');
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/^error: .*crops: holds crops that were made with another noFace: "keep", now "skip"\nhint: /);
    const { code, stderr } = await ageband('crop', source, root);
    expect(code).toBe(1);
    expect(stderr).toContain('lies in the folder of the results');
    const word = await ageband('crop', source, join(root, 'new'), '--no-face', 'drop');
    expect(word.stderr).toContain("option '--no-face <action>' argument 'drop' is invalid. Allowed choices are keep, skip.");
    expect(existsSync(join(root, 'new'))).toBe(false);
  });
});

/** The environment of a process that stops in the middle of its crops until there is such a file. */
const heldUntil = (go: string): Record<string, string> => ({ ...loading('held-crops.js'), AGEBAND_TEST_GO: go });

describe('an interrupted ageband crop', () => {
  it('goes on after kill -9, does nothing twice, and comes to the same files with any number of workers', async () => {
    const { root, source, out } = await photos(24);
    const whole = join(root, 'whole');
    await ageband('crop', source, whole, '--workers', '1');
    const journal = join(out, 'journal.jsonl');
    const linesOf = async () => (await readFile(journal, 'utf8').catch(() => '')).split('\n').length - 1;
    let before = 0;
    for (const workers of ['1', '2']) {
      const running = startAgeband(['crop', source, out, '--workers', workers], undefined, heldUntil(join(root, 'never')));
      await untilLines(journal, before + 5, running);
      running.kill('SIGKILL');
      expect((await running.ended).code).toBeNull();
      before = await linesOf();
    }
    expect(before).toBeLessThan(29);
    expect(existsSync(join(out, 'crops.csv'))).toBe(false);
    await mkdir(join(out, 'more'), { recursive: true });
    await appendFile(journal, '{"file":"more/0');
    const { stdout } = await ageband('crop', source, out, '--workers', '3', '--json');
    const { done, pictures } = JSON.parse(stdout) as { done: number; pictures: number };
    expect(pictures).toBe(29);
    const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(before + done);
    expect(new Set(lines.map((line) => (JSON.parse(line) as { file: string }).file)).size).toBe(29);
    // Only the picture that cannot be read may have been tried again.
    expect(lines.length - 29).toBeLessThanOrEqual(2);
    expect(await contentOf(out, 'journal.jsonl')).toEqual(await contentOf(whole, 'journal.jsonl'));
  });

  it('says after Ctrl-C how to go on', async () => {
    const { root, source, out } = await photos(24);
    const running = startAgeband(['crop', source, out, '--workers', '1'], undefined, heldUntil(join(root, 'go')));
    await untilLines(join(out, 'journal.jsonl'), 1, running);
    running.kill('SIGINT');
    await writeFile(join(root, 'go'), '');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/^\d+ of 29 pictures: /);
    expect(stderr).toContain('To go on: the same command again\n');
    expect(existsSync(join(out, 'crops.csv'))).toBe(false);
    expect((await ageband('crop', source, out)).stdout).toMatch(/^29 pictures: 27 with a face, 1 without, 1 unreadable\n/);
  });
});
