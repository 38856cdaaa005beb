import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ageband, FACES } from './support/cli.js';
import { temporaryFolder } from './support/folder.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const COMMANDS = [
  ...['summary', 'data', 'crop', 'split', 'train', 'plot', 'evaluate', 'report', 'compare', 'cross-validate', 'sweep'],
  ...['predict', 'explain', 'fine-tune', 'export', 'import'],
];

describe('ageband', () => {
  it('--help names every command', async () => {
    const { code, stdout } = await ageband('--help');
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command} `);
  });

  it('--version prints the version of the package', async () => {
    expect(await ageband('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('shows its help when it is called without a command', async () => {
    const { code, stderr } = await ageband();
    expect(code).toBe(1);
    expect(stderr).toContain('Usage: ageband');
  });

  it('suggests a command for one that is misspelt', async () => {
    const { code, stderr } = await ageband('trian');
    expect(code).toBe(1);
    expect(stderr).toBe("error: unknown command 'trian'\n(Did you mean train?)\n");
  });

  it.each(COMMANDS)('%s has a help of its own', async (command) => {
    const { code, stdout } = await ageband(command, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: ageband ${command} `);
  });

  it('takes a reader that stops reading for no error', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" dist/cli/main.js train --help | true`], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('ageband summary', () => {
  it("shows the report's network exactly", async () => {
    const { code, stdout } = await ageband('summary', 'baseline', '--json');
    const summary = JSON.parse(stdout) as {
      rows: { outputShape: (number | null)[] }[];
      [count: string]: unknown;
    };
    expect(code).toBe(0);
    expect(summary).toMatchObject({ parameters: 51_980_936, trainable: 51_980_232, nonTrainable: 704 });
    const shapes = summary.rows.map(({ outputShape }) => outputShape.slice(1).join('×'));
    for (const shape of [
      '96×221×221',
      '96×110×110',
      '256×106×106',
      '256×52×52',
      '384×50×50',
      '384×16×16',
      '98304',
      '512',
      '256',
      '8',
    ]) {
      expect(shapes).toContain(shape);
    }
  });

  it('prints a table in the form of Keras', async () => {
    const { stdout } = await ageband('summary', 'baseline');
    expect(stdout).toMatch(/ \(Conv2D\) +\(None, 221, 221, 96\) +14,208\n/);
    expect(stdout).toContain('\nTotal params: 51,980,936 (198.29 MB)\n');
  });

  it('takes the size of the pictures and the number of classes', async () => {
    const { stdout } = await ageband('summary', 'baseline', '--image-size', '48', '--classes', '3');
    expect(stdout).toContain('(None, 42, 42, 96)');
    expect(stdout).toContain('(None, 3)');
  });

  it('names the models there are for one that there is not', async () => {
    const { code, stdout, stderr } = await ageband('summary', 'resnet');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: .*resnet.*\nhint: .*baseline, levi-hassner/);
  });
});

describe('mistakes on the command line', () => {
  it('a number that is none is reported with its option', async () => {
    const { code, stderr } = await ageband('train', FACES, '--out', 'unused', '--epochs', 'many');
    expect(code).toBe(1);
    expect(stderr).toContain("option '--epochs <count>' argument 'many' is invalid. 'many' is not a number.");
  });

  it.each([
    ['summary', 'baseline', '--classes', '0'],
    ['summary', 'baseline', '--image-size', '50.5'],
    ['predict', 'picture.jpg', '--threads', '-1'],
  ])('a count that is none: %s %s ... %s', async (...words) => {
    const { code, stderr } = await ageband(...words);
    expect(code).toBe(1);
    expect(stderr).toContain(`argument '${words.at(-1)}' is invalid. It must be a whole number from 1 on.`);
  });

  it('a number out of range is reported with its value, and no run is made', async () => {
    const out = join(await temporaryFolder(), 'run');
    const { code, stderr } = await ageband('train', FACES, '--out', out, '--batch-size', '-3');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*batch.*-3/i);
    expect(stderr).not.toContain('    at ');
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [['--epochs', '2.5'], 'error: epochs: must be a whole number, got 2.5\n'],
    [['--momentum', '0.9', '--optimiser', 'adamw'], 'error: momentum: counts with the optimiser sgd alone, got 0.9\nhint: '],
    [['--step-size', '3'], 'error: stepSize: counts with the schedule step alone, got 3\nhint: '],
    [['--limit', '3', '--batch-size', '1'], 'error: limit: with 3 of 192 pictures none is left for valid\nhint: '],
    [['--root', '.'], 'error: root: only a CSV manifest can have one, and '],
  ])('an option that cannot be used or would be ignored: %j', async (words, message) => {
    const out = join(await temporaryFolder(), 'run');
    const { code, stderr } = await ageband('train', FACES, '--out', out, ...words);
    expect(code).toBe(1);
    expect(stderr.startsWith(message), stderr).toBe(true);
    expect(existsSync(out)).toBe(false);
  });

  it('an empty path', async () => {
    const { code, stderr } = await ageband('train', FACES, '--out', '');
    expect(code).toBe(1);
    expect(stderr).toContain("option '--out <folder>' argument '' is invalid. It must be a path.");
  });

  it('crop without a folder for the crops', async () => {
    const { code, stderr } = await ageband('crop', FACES);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: crop: no folder for the crops given\nhint: /);
  });

  it('a data set that is not there', async () => {
    const out = join(await temporaryFolder(), 'run');
    const { code, stderr } = await ageband('train', 'no/such/folder', '--out', out);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*no\/such\/folder/);
    expect(existsSync(out)).toBe(false);
  });

  it('train without a data set', async () => {
    const { code, stderr } = await ageband('train', '--out', 'unused');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: train: no data set given\nhint: /);
  });

  it('settings for a run that has begun', async () => {
    const { code, stderr } = await ageband('train', '--resume', '--out', 'unused', '--epochs', '3');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: train --resume: a run that has begun keeps its settings, got epochs\nhint: /);
  });

  it.each([
    ['plot', 'no-such-run'],
    ['evaluate', 'no-such-run', FACES],
    ['predict', '--model', 'no-such-run', FACES],
    ['export', 'no-such-run', 'model.onnx'],
    ['fine-tune', 'no-such-run', FACES, '--out', 'unused'],
  ])('%s of a run that is not there', async (...words) => {
    const { code, stderr } = await ageband(...words);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*no-such-run/);
    expect(stderr).not.toContain('    at ');
  });
});
