import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evaluation } from '../src/evaluation/evaluate.js';
import { readOnnxMetadata } from '../src/formats/onnx.js';
import { ageband } from './support/cli.js';
import { writePictures } from './support/training.js';

const bands = ['0-2', '25-32', '60+'];
const PICTURES = 12;

let folder: string;
let run: string;
/** With subjects and genders; the test pictures show none of the subjects in train. */
let manifest: string;
/** The same pictures, split one by one: each subject stands in several splits. */
let leaking: string;

const inFolder = (...names: string[]): string => join(folder, ...names);

/** Rows `file,band,age,gender,subject,split`; a subject has two pictures that follow each other. */
function table(splitOf: (index: number) => string): string {
  const ages = [1, 30, 70];
  const rows = bands.flatMap((band, label) =>
    Array.from({ length: PICTURES }, (_, index) => {
      const subject = `${band} ${Math.floor(index / 2)}`;
      return [`${band}/${index}.png`, band, ages[label], index % 4 < 2 ? 'f' : 'm', subject, splitOf(index)].join();
    }),
  );
  return `file,band,age,gender,subject,split\n${rows.join('\n')}\n`;
}

/** Numbers may differ by what float32 rounds away; and a file does not say what its temperature was fitted on. */
function requireClose(actual: unknown, expected: unknown, path = ''): void {
  if (typeof expected === 'number') {
    expect(typeof actual, path).toBe('number');
    expect(Math.abs((actual as number) - expected), path).toBeLessThan(1e-4);
  } else if (typeof expected === 'object' && expected !== null) {
    expect(Object.keys(actual as object), path).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected)) requireClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`);
  } else if (!path.endsWith('.fittedHere')) expect(actual, path).toBe(expected);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-evaluate-'));
  [run, manifest, leaking] = ['run', 'faces.csv', 'leaking.csv'].map((name) => inFolder(name)) as [string, string, string];
  await writePictures(folder, bands, [PICTURES, PICTURES, PICTURES]);
  await writeFile(manifest, table((index) => (index < 4 ? 'train' : index < 8 ? 'valid' : 'test')));
  await writeFile(leaking, table((index) => ['train', 'test', 'valid'][index % 3]!));
  const settings = ['--image-size', '40', '--batch-size', '4', '--epochs', '1', '--optimiser', 'adamw'];
  const { code, stderr } = await ageband('train', manifest, '--out', run, ...settings);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
afterAll(() => rm(folder, { recursive: true }));

describe('ageband evaluate', () => {
  it("takes the run's own data and its test split by itself, and splits the figures by a column", async () => {
    const { code, stdout, stderr } = await ageband('evaluate', run, '--by', 'gender', '--by', 'band');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^test: 12 pictures of 6 subjects\nloss /);
    expect(stdout).toMatch(/\nBy gender +pictures .*\nf +6 .*\nm +6 .*\n\nBy band +pictures .*\n0-2 +4 .*\n25-32 +4 .*\n60\+ +4 /);
  });

  it('shows all splits side by side', async () => {
    const { stdout } = await ageband('evaluate', run, '--split', 'all');
    expect(stdout).toMatch(/^ +train +validation +test\npictures +12 +12 +12\nloss( +\d\.\d{4}){3}\n/);
    const json = await ageband('evaluate', run, manifest, '--split', 'all', '--json', '--plots', inFolder('plots'));
    const { written, ...splits } = JSON.parse(json.stdout) as { written: string[] } & Record<string, Evaluation>;
    expect(Object.keys(splits)).toEqual(['train', 'valid', 'test']);
    expect(Object.values(splits).map(({ split, pictures }) => [split, pictures])).toEqual([['train', 12], ['valid', 12], ['test', 12]]);
    expect(written).toHaveLength(18);
    expect(written.filter((file) => !existsSync(file))).toEqual([]);
    expect(written[0]).toBe(inFolder('plots', 'train', 'reliability.svg'));
  });

  it('calibrates the run, its model and what is predicted', async () => {
    const { code, stdout } = await ageband('evaluate', run, '--calibrate');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Temperature \d+\.\d{3}, fitted on 12 validation pictures: loss \d\.\d{4} to \d\.\d{4}, calibration error /);
    expect(stdout).toMatch(/\ncalibration error +\d\.\d{4} +\[\d\.\d{4}, \d\.\d{4}\] \(\d\.\d{4} before the temperature of \d+\.\d{3}\)\n/);
    const { best } = JSON.parse(await readFile(join(run, 'calibration.json'), 'utf8')) as { best: { temperature: number } };
    await ageband('export', run, inFolder('model.onnx'));
    for (const file of [inFolder('model.onnx'), join(run, 'model.onnx')]) {
      expect(readOnnxMetadata(await readFile(file)).get('ageband.temperature')).toBe(String(best.temperature));
    }
    const predictions = await Promise.all(
      [run, inFolder('model.onnx')].map((model) => ageband('predict', inFolder('60+', '9.png'), '--model', model, '--json')),
    );
    expect(predictions[0]!.stdout).toBe(predictions[1]!.stdout);
    const { stdout: json } = await ageband('evaluate', run, '--calibrate', '--json');
    expect(JSON.parse(json)).toMatchObject({ fitted: { temperature: best.temperature }, temperature: { value: best.temperature } });
  });

  it('gives the figures of a calibrated run for its exported model, and says what it does not know', async () => {
    const file = inFolder('exported.onnx');
    await ageband('evaluate', run, '--calibrate');
    await ageband('export', run, file);
    const options = ['--by', 'gender', '--split', 'all', '--json'];
    const [ofRun, ofFile] = (await Promise.all(
      [run, file].map(async (model) => JSON.parse((await ageband('evaluate', model, manifest, ...options)).stdout) as Record<string, Evaluation>),
    )) as [Record<string, Evaluation>, Record<string, Evaluation>];
    expect(ofFile['test']!.unknownRuns).toEqual([file]);
    expect(ofFile['test']!.temperature!.value).toBe(ofRun['test']!.temperature!.value);
    for (const split of ['train', 'valid', 'test']) requireClose(ofFile[split], { ...ofRun[split], unknownRuns: ofFile[split]!.unknownRuns });
    const { code, stdout } = await ageband('evaluate', file, manifest);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^test: 12 pictures of 6 subjects\nWarning: what .*exported\.onnx was trained on is not known; these pictures may be among it\nloss /);
    const alone = await ageband('evaluate', file);
    expect(alone.stderr).toMatch(/exported\.onnx: an ONNX file does not say what pictures to measure it on\nhint: Name a data set after it/);
  });

  it('refuses to show a calibration on the pictures that it was fitted on', async () => {
    const { code, stderr } = await ageband('evaluate', run, '--calibrate', '--split', 'valid');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: evaluate: --calibrate fits the temperature on the valid split.*\nhint: /);
  });

  it('draws the worst mistakes with their pictures', async () => {
    const [sheet, wrong] = [inFolder('mistakes.png'), inFolder('wrong.csv')];
    // With every band named for the next, there are mistakes for sure.
    const rows = bands.map((band, label) => `${band}/0.png,${bands[(label + 1) % 3]!}\n${band}/1.png,${bands[(label + 2) % 3]!}\n`);
    await writeFile(wrong, `file,band\n${rows.join('')}`);
    const options = ['--allow-leaks', '--mistakes', sheet, '--worst', '3', '--plots', inFolder('one')];
    const { code, stdout } = await ageband('evaluate', run, wrong, ...options);
    expect(code).toBe(0);
    expect(stdout.split(' taken for ')).toHaveLength(4);
    expect(stdout).toContain(`${join('one', 'bands.png')}, ${sheet}\n`);
    expect((await sharp(sheet).metadata()).width).toBe(2.5 * (12 + 3 * 124));
    const refused = await ageband('evaluate', run, '--mistakes', sheet, '--split', 'all');
    expect(refused.stderr).toMatch(/^error: evaluate: --mistakes draws those of one split\n/);
  });

  it("refuses a split by picture, but measures it by the report's protocol with a warning", async () => {
    const refused = await ageband('evaluate', run, leaking);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/leaking\.csv: \d+ of \d+ subjects of the test split \(.* were seen in training/);
    const { code, stdout } = await ageband('evaluate', run, leaking, '--protocol', 'report');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nBy the report's protocol: .*\nWarning: \d+ of \d+ subjects \(\d+ of 12 pictures\) were seen in training: these figures are too good\n/);
  });

  it('lists the first rows that cannot be used, and all as JSON', async () => {
    const many = inFolder('many.csv');
    const lost = Array.from({ length: 8 }, (_, index) => `lost-${index}.png,0-2,1,f,nobody,test`);
    await writeFile(many, `${table(() => 'test')}${lost.join('\n')}\n`);
    const options = ['evaluate', run, many, '--allow-leaks'];
    const { code, stderr } = await ageband(...options);
    expect({ code, lines: stderr.trimEnd().split('\n').slice(4) }).toEqual({
      code: 0,
      lines: [expect.stringContaining('lost-4.png'), 'and 3 more problems'] as unknown,
    });
    const { problems } = JSON.parse((await ageband(...options, '--json')).stdout) as { problems: unknown[] };
    expect(problems).toHaveLength(8);
  });

  it('says which column there is not', async () => {
    const { code, stderr } = await ageband('evaluate', run, '--by', 'height');
    expect(code).toBe(1);
    expect(stderr).toBe(`error: ${manifest}: there is no column "height"\nhint: Its columns are file, band, age, gender, subject, split.\n`);
  });
});
