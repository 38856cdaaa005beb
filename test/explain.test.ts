import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ageband, FACES } from './support/cli.js';
import { PORTRAIT } from './support/portrait.js';
import { writeRun } from './support/training.js';

const BANDS = ['0-2', '4-6', '8-13', '15-20', '25-32', '38-43', '48-53', '60+'];
let folder: string;
let run: string;
const inFolder = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-explain-'));
  run = inFolder('run');
  // Of the report's network at 37 × 37 pixels, with random weights.
  await writeRun(run, 'elsewhere', BANDS);
});
afterAll(() => rm(folder, { recursive: true }));

const explain = (...words: string[]) => ageband('explain', '--model', run, ...words);

describe('ageband explain', () => {
  it('writes a figure of each picture, also in folders', async () => {
    const pictures = inFolder('pictures');
    await mkdir(pictures);
    for (const name of ['a.png', 'b.png']) await sharp(PORTRAIT).png().toFile(join(pictures, name));
    const { code, stdout, stderr } = await explain(PORTRAIT, pictures, '--out', inFolder('figures'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await readdir(inFolder('figures'))).sort()).toEqual(['a.png', 'b.png', 'portrait.png']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/portrait\.jpg: \S+ \(\d+\.\d %\).* -> .*portrait\.png$/);
    const { format, width, height } = await sharp(inFolder('figures', 'portrait.png')).metadata();
    expect(format).toBe('png');
    expect(width).toBeGreaterThan(height);
  });

  it('writes raw values and tells everything as JSON', async () => {
    const out = inFolder('raw');
    const words = ['--raw', '--json', '--band', '60+', '--layer', 'conv2', '--method', 'grad-cam++', '--opacity', '0.7'];
    const { code, stdout } = await explain(PORTRAIT, '--out', out, ...words);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        ...{ file: PORTRAIT, explained: '60+', layer: 'conv2', method: 'grad-cam++', cells: [11, 11] },
        ...{ figure: join(out, 'portrait.png'), raw: join(out, 'portrait.npy') },
      },
    ]);
    const bytes = await readFile(join(out, 'portrait.npy'));
    expect(bytes.subarray(1, 6).toString()).toBe('NUMPY');
    expect(bytes).toHaveLength(128 + 4 * 11 * 11);
  });

  it('lists what cannot be read and explains the rest', async () => {
    const bad = inFolder('bad.jpg');
    await writeFile(bad, 'no picture');
    const { code, stdout, stderr } = await explain(bad, 'missing.jpg', PORTRAIT, '--out', inFolder('some'));
    expect(code).toBe(2);
    expect(stderr).toContain(`${bad}: not a picture`);
    expect(stderr).toContain('missing.jpg: no such file or folder');
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    [['--layer', 'conv9'], 'error: the network has no convolution named "conv9"\nhint: Its convolutions are: conv1, conv2, conv3.\n'],
    [['--band', '61'], `error: the network knows no band "61"\nhint: Its bands are: ${BANDS.join(', ')}.\n`],
    [['--opacity', '2'], 'error: the opacity must be from 0 to 1, got 2\n'],
    [['--method', 'cam'], 'error: a class activation map needs a network that ends in global average pooling'],
    [['--faithfulness', FACES], 'error: give either pictures or --faithfulness with a data set, not both\n'],
  ])('refuses %j and says what there is', async (words, message) => {
    const { code, stderr } = await explain(PORTRAIT, '--out', inFolder('refused'), ...words);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(existsSync(inFolder('refused', 'portrait.png'))).toBe(false);
  });

  it('asks for pictures', async () => {
    const { code, stderr } = await explain();
    expect(code).toBe(1);
    expect(stderr).toContain('error: no picture is given');
  });
});

describe('ageband explain --faithfulness', () => {
  it('prints the areas and the regions, and draws the curves', async () => {
    const data = inFolder('faces');
    for (const band of BANDS.slice(0, 2)) {
      await mkdir(join(data, band), { recursive: true });
      for (const name of ['1.png', '2.png']) await sharp(PORTRAIT).png().toFile(join(data, band, name));
    }
    const out = inFolder('faithful');
    const { code, stdout, stderr } = await explain('--faithfulness', data, '--method', 'grad-cam++', '--out', out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^test: 4 pictures, grad-cam\+\+ at conv2$/m);
    expect(stdout).toMatch(/^deletion \(lower is better\) +0\.\d{4} +0\.\d{4} +0\.\d{4}$/m);
    expect(stdout).toMatch(/^deletion +[+-]0\.\d{4} {2}\[.*\] +[+-]0\.\d{4} {2}\[.*\]$/m);
    expect(stdout).toMatch(/^Rank correlation with the maps of random weights: [+-]\d\.\d{3} \[/m);
    expect(stdout).toMatch(/^eyes +\d+\.\d % +\d+\.\d % +\d+\.\d\d /m);
    expect((await readdir(out)).sort()).toEqual(['faithfulness.jsonl', 'faithfulness.png', 'faithfulness.svg']);

    const json = await explain('--faithfulness', data, '--limit', '2', '--json', '--out', out);
    expect(JSON.parse(json.stdout)).toMatchObject({ pictures: 2, withoutFace: 0, regions: { pictures: 2 } });
  });
});

describe('ageband export --explain', () => {
  it('writes a model that explains', async () => {
    const file = inFolder('explainer.onnx');
    expect(await ageband('export', run, file, '--explain', 'grad-cam')).toEqual({ code: 0, stdout: `${file}\n`, stderr: '' });
    expect((await readFile(file)).includes('ageband.explanation')).toBe(true);
    const { code, stderr } = await ageband('export', run, file, '--layer', 'conv1');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error: --layer belongs to --explain\n' });
  });
});
