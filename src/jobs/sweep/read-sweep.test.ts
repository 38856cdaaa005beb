import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/folder.js';
import { ConfigError, FormatError } from '../../base/errors.js';
import { readSweep } from './read-sweep.js';

const REPORT = fileURLToPath(new URL('../../../examples/sweep-report.yaml', import.meta.url));

async function read(text: string) {
  const root = await temporaryFolder({ 's.yaml': text });
  return { root, plan: await readSweep(join(root, 's.yaml')) };
}

/** The message without the path of the file. */
async function refusal(text: string, kind: new (...words: never[]) => Error = ConfigError): Promise<string> {
  const root = await temporaryFolder({ 's.yaml': text });
  const failure: unknown = await readSweep(join(root, 's.yaml')).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(kind);
  return (failure as Error).message.replaceAll(join(root, 's.yaml'), '');
}

describe('the example of the report', () => {
  it('is its table: 36 trials of three sizes, four lengths and three rates', async () => {
    const { settings, choices, rungs } = await readSweep(REPORT);
    expect(choices).toHaveLength(36);
    expect(new Set(choices.map((choice) => JSON.stringify(choice))).size).toBe(36);
    expect(choices[0]).toEqual({ batchSize: 32, epochs: 10, learningRate: 0.01 });
    expect(choices[1]).toEqual({ batchSize: 32, epochs: 10, learningRate: 0.001 });
    expect(choices[3]).toEqual({ batchSize: 32, epochs: 20, learningRate: 0.01 });
    expect(choices[35]).toEqual({ batchSize: 64, epochs: 40, learningRate: 0.0001 });
    expect(rungs).toEqual([undefined]);
    expect(settings).toMatchObject({ method: 'grid', metric: 'loss', fixed: { model: 'baseline', imageSize: 227 } });
    expect(settings.data).toBe(join(REPORT, '..', 'faces'));
  });
});

describe('readSweep', () => {
  it('reads successive halving, with paths relative to the file', async () => {
    const text = `
data: faces.csv
root: pictures
method: asha
trials: 5
asha: { minEpochs: 2, maxEpochs: 20 }
device: webgpu
parallel: 2
threads: 3
memory: 1.5 GB
parameters: { learningRate: { distribution: log-uniform, min: 0.001, max: 0.1 } }
`;
    const { root, plan } = await read(text);
    expect(plan).toMatchObject({ rungs: [2, 6, 18, 20], device: 'webgpu', parallel: 2, threads: 3, memory: 1.5e9 });
    expect(plan.settings).toMatchObject({ data: join(root, 'faces.csv'), root: join(root, 'pictures'), seed: 1 });
    expect(plan.choices).toHaveLength(5);
  });

  it('names line, option and value of what cannot be used', async () => {
    const head = 'data: x\nmethod: grid\n';
    expect(await refusal(`${head}parameters:\n  batchSize: [8,\n    0]\n`)).toMatch(/^:5: parameters\.batchSize\[1\]: Too small.*, got 0$/);
    expect(await refusal(`${head}parameters:\n  batch-size: [8]\n`)).toBe(':4: parameters.batch-size: there is no such option; write batchSize');
    expect(await refusal(`${head}parameters:\n  speed: [8]\n`)).toBe(':4: parameters.speed: there is no such option');
    expect(await refusal(`${head}colour: red\nparameters: { epochs: [1] }\n`)).toBe(':3: colour: there is no such setting');
    expect(await refusal(`${head}parameters: { model: [vgg] }\n`)).toMatch(/^:3: parameters\.model\[0\]: there is none but baseline, .*, got "vgg"$/);
    expect(await refusal(`${head}fixed: { epochs: 3 }\nparameters: { epochs: [1] }\n`)).toContain('stands under fixed as well');
    expect(await refusal(`${head}parameters: { valid: [0.1, 0.2] }\n`)).toContain('is the same for all trials');
    expect(await refusal(`${head}parameters: { epochs: { distribution: integer, min: 1, max: 3 } }\n`)).toContain('a grid needs a list');
    expect(await refusal('data: x\nmethod: random\nparameters: { epochs: [1] }\n')).toContain('the method random needs a number of trials');
    expect(await refusal('data: x\nmethod: asha\ntrials: 2\nparameters: { epochs: [1] }\n')).toContain('the method asha needs minEpochs and maxEpochs');
  });

  it('checks ranges', async () => {
    const sweep = (range: string): string => `data: x\nmethod: random\ntrials: 2\nparameters:\n  ${range}\n`;
    const refusals: [string, string][] = [
      ['learningRate: { distribution: uniform, min: 2, max: 1 }', ':5: parameters.learningRate.max: must exceed min, 2, got 1'],
      ['momentum: { distribution: log-uniform, min: 0, max: 1 }', ':5: parameters.momentum.min: a logarithm needs bounds above 0, got 0'],
      ['epochs: { distribution: uniform, min: 1, max: 4 }', 'this option takes whole numbers: use integer'],
      ['momentum: { distribution: uniform, min: 0, max: 2 }', ':5: parameters.momentum.max: Too big'],
    ];
    for (const [range, message] of refusals) expect(await refusal(sweep(range))).toContain(message);
  });

  it('says where the text is no YAML', async () => {
    expect(await refusal('data: x\nmethod: [grid\n', FormatError)).toMatch(/^: line \d is no YAML: /);
    expect((await refusal(`data: x\n["\u001b[2J${'x'.repeat(2000)}`, FormatError)).length).toBeLessThan(600);
    expect(await refusal('just words\n')).toMatch(/^:1: the file: /);
  });

  it('refuses what would not fit into memory', async () => {
    const tens = (item: string): string => `[${Array.from({ length: 10 }, () => item).join(', ')}]`;
    const levels = Array.from({ length: 9 }, (_, level) => `  x${level}: &a${level} ${tens(level === 0 ? '1' : `*a${level - 1}`)}\n`);
    expect(await refusal(`data: x\nmethod: grid\nfixed:\n${levels.join('')}`, FormatError)).toContain('Excessive alias count');
    expect(await refusal(`data: ${'['.repeat(5000)}`, FormatError)).toMatch(/is no YAML: Maximum call stack/);
    expect(await refusal('#'.repeat(2 ** 15 + 1), FormatError)).toBe(': is no sweep: it has 32769 characters, more than 32768');
    const list = `[${Array.from({ length: 50 }, (_, index) => index + 1).join(', ')}]`;
    const grid = `data: x\nmethod: grid\nparameters:\n  epochs: ${list}\n  batchSize: ${list}\n  warmup: ${list}\n`;
    expect(await refusal(grid)).toBe(':4: parameters: a grid of 125000 trials is above the limit of 100000: draw some with the method random');
  });
});
