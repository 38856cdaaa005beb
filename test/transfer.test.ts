import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ageband, FACES } from './support/cli.js';
import { PORTRAIT } from './support/portrait.js';

const BANDS = ['0-6', '8-20', '25-53', '60+'];

let folder: string;
/** A run of four bands, first with its backbone frozen. */
let run: string;
let printed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-transfer-'));
  run = join(folder, 'run');
  const { code, stdout, stderr } = await ageband(
    ...['train', FACES, '--out', run, '--bands', BANDS.join(','), '--freeze', 'backbone', '--unfreeze-at', '3'],
    ...['--image-size', '37', '--limit', '96', '--batch-size', '8', '--epochs', '3', '--optimiser', 'adamw', '--no-augment'],
    ...['--unfreeze-factor', '0.1', '--rates', 'backbone=0.5', '--seed', '7'],
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  printed = stdout;
});
afterAll(() => rm(folder, { recursive: true }));

describe('a run of other bands, with frozen layers', () => {
  it('says how much is trained, and marks in the curves when all is', async () => {
    expect(printed).toMatch(/^1,844,868 parameters \(329,476 trainable\), /);
    expect(await readFile(join(run, 'curves.svg'), 'utf8')).toContain('>all layers<');
    expect((await readFile(join(run, 'history.csv'), 'utf8')).split('\n')[1]).toMatch(/,329476$/);
  });

  it('is evaluated, on its own data and on others that are mapped to its bands, also as an ONNX file', async () => {
    const own = await ageband('evaluate', run, '--json', '--allow-leaks');
    expect(own.code).toBe(0);
    const { perClass } = JSON.parse(own.stdout) as { perClass: { name: string }[] };
    expect(perClass.map(({ name }) => name)).toEqual(BANDS);
    const file = join(folder, 'model.onnx');
    expect((await ageband('export', run, file)).code).toBe(0);
    const { code, stdout } = await ageband('evaluate', file, FACES);
    expect(code).toBe(0);
    expect(stdout).toContain('test: 192 pictures');
    for (const [band, pictures] of [['0-6', 48], ['8-20', 48], ['25-53', 72], ['60+', 24]] as const) {
      expect(stdout).toMatch(new RegExp(`^ *${band.replace('+', '\\+')} .* ${pictures}$`, 'm'));
    }
  });

  it('predicts, explains and is reported', async () => {
    const predicted = await ageband('predict', '--model', run, PORTRAIT, '--json');
    expect(predicted.code).toBe(0);
    const [first] = JSON.parse(predicted.stdout) as { probabilities: { band: string }[]; age: { expected: number } }[];
    expect(first!.probabilities.map(({ band }) => band)).toEqual(BANDS);
    expect(first!.age.expected).toBeGreaterThan(3);
    expect(first!.age.expected).toBeLessThan(72);

    const explained = await ageband('explain', '--model', run, PORTRAIT, '--out', join(folder, 'maps'), '--band', '25-53');
    expect(explained.code).toBe(0);
    expect((await ageband('report', run, '--no-pictures')).code).toBe(0);
    const report = await readFile(join(run, 'report.md'), 'utf8');
    expect(report).toContain('With layers frozen, 329,476 parameters were trained until epoch 2, and 1,844,164 from then on.');
    expect(report).toContain('| unfreezeFactor | 0.1 |');
  });

  it('is fine-tuned to still other bands, with a new last layer', async () => {
    const tuned = join(folder, 'tuned');
    const { code, stdout } = await ageband('fine-tune', run, FACES, '--out', tuned, '--bands', '0-20,25+', '--epochs', '1', '--freeze', 'none');
    expect(code).toBe(0);
    expect(stdout).toContain('Weights are taken over; anew starts dense3, for the bands 0-20, 25+.');
  });

  it('is refused with bands, layers or options that make no sense', async () => {
    const refusalOf = async (...options: string[]) => (await ageband('train', FACES, '--out', join(folder, 'no'), ...options)).stderr;
    expect(await refusalOf('--bands', '0-12,12-20')).toMatch(/^error: bands: 0-12 and 12-20 overlap, got "0-12,12-20"/);
    expect(await refusalOf('--bands', '3-5,9-10')).toMatch(/^error: .*: no class folder lies in one of the bands 3-5, 9-10 as a whole/);
    expect(await refusalOf('--freeze', 'conv9')).toMatch(/^error: freeze: "conv9" is no layer with weights\nhint: .*conv1, /);
    expect(await refusalOf('--unfreeze-at', '3')).toMatch(/^error: unfreezeAt: counts with layers to freeze alone, got 3/);
  });
});

it('summary counts frozen weights as not trainable', async () => {
  const { stdout } = await ageband('summary', 'baseline', '--image-size', '37', '--classes', '4', '--freeze', 'backbone');
  expect(stdout).toMatch(/^Trainable params: 329,476 /m);
  expect(stdout).toMatch(/^Non-trainable params: 1,515,392 /m);
});
