import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { processRuns } from '../src/base/process.node.js';
import { readTable } from '../src/data/manifest-table.js';
import { ageband, startAgeband } from './support/cli.js';
import { startHttp } from './support/http.js';
import { digestsOf, sharedFolder, writePictures } from './support/training.js';
import { untilLines } from './support/wait.js';
import { loading } from './support/workers.js';

/** A training of seconds. */
const QUICK = [
  ...['--image-size', '37', '--batch-size', '4', '--epochs', '5', '--learning-rate', '0.05', '--momentum', '0.9'],
  ...['--seed', '7', '--threads', '1', '--workers', '0'],
];
const BANDS = ['0-2', '60+'];

const folder = sharedFolder();
const out = (name: string): string => join(folder.path, name);
let manifest: string;

interface Report {
  finished: boolean;
  folds: Record<string, unknown>[];
  mean: Record<string, number | null>;
  standardDeviation: Record<string, number | null>;
  confusion: number[][];
}

/** Twelve subjects with two pictures each in two folds, `b` and `a`, and one row without a fold. */
beforeAll(async () => {
  await writePictures(out('pictures'), BANDS, [13, 12]);
  const rows = BANDS.flatMap((band, label) =>
    Array.from({ length: 12 }, (_, index) => {
      const subject = `${band}-${Math.floor(index / 2)}`;
      return `pictures/${band}/${index}.png,${band},${label === 0 ? 1 : 70},${subject},${index < 6 ? 'b' : 'a'}`;
    }),
  );
  manifest = out('m.csv');
  await writeFile(manifest, `file,band,age,subject,fold\n${rows.join('\n')}\npictures/0-2/12.png,0-2,1,x,\n`);
  const ended = await crossValidate('whole');
  expect(ended).toMatchObject({ code: 0, stderr: `${out('pictures')}/0-2/12.png: left out: it has no fold\n` });
  expect(ended.stdout).toContain('2 folds of 5 epochs\nFold 1/2, "a" in the manifest: 8 to train on, 4 to validate, 12 to test\n');
  expect(ended.stdout).toMatch(/^fold +pictures +epoch +accuracy +one-off +balanced +bands off +years off +loss +calibration\n1 \(a\) +12 /m);
  expect(ended.stdout).toMatch(/^mean .*\n± .*\n\n±: sample standard deviation over the folds \(n − 1\)\nWritten: /m);
});

const words = (name: string): string[] => ['cross-validate', manifest, '--folds', 'published', '--out', out(name), ...QUICK];
const crossValidate = (name: string) => ageband(...words(name));

const reportOf = async (name: string) => JSON.parse(await readFile(join(out(name), 'cross-validation.json'), 'utf8')) as Report;

/** Everything but how long it took. */
async function timelessReport(name: string): Promise<Report> {
  const report = await reportOf(name);
  return { ...report, folds: report.folds.map(({ seconds: _seconds, ...fold }) => fold) };
}

/** The splits of a fold by subject. */
async function splitsOf(name: string, fold: number): Promise<Map<string, Set<string>>> {
  const { rows } = readTable(await readFile(join(out(name), `fold-${fold}.csv`), 'utf8'));
  const splits = new Map<string, Set<string>>();
  for (const { values } of rows) {
    const [, , , group, split] = values!;
    splits.set(split!, (splits.get(split!) ?? new Set()).add(group!));
  }
  return splits;
}

describe('ageband cross-validate', () => {
  it('tests on each published fold, and validates on subjects of the others', async () => {
    const subjects = (...numbers: number[]): string[] => BANDS.flatMap((band) => numbers.map((number) => `${band}-${number}`));
    for (const [fold, tested] of [[1, [3, 4, 5]], [2, [0, 1, 2]]] as const) {
      const splits = await splitsOf('whole', fold);
      expect([...splits.get('test')!].toSorted()).toEqual(subjects(...tested).toSorted());
      const others = [...splits.get('train')!, ...splits.get('valid')!];
      // Each in one of the two, so no name twice.
      expect(others.toSorted()).toEqual(subjects(...[0, 1, 2, 3, 4, 5].filter((number) => !(tested as readonly number[]).includes(number))).toSorted());
      expect([...splits.get('valid')!].map((name) => name.slice(0, 3)).toSorted()).toEqual(['0-2', '60+']);
    }
  });

  it('gives mean and sample standard deviation of all figures', async () => {
    const { finished, folds, mean, standardDeviation, confusion } = await reportOf('whole');
    expect(finished).toBe(true);
    expect(folds.map(({ fold, name, train, valid, test, epochs }) => [fold, name, train, valid, test, epochs])).toEqual([
      [1, 'a', 8, 4, 12, 5],
      [2, 'b', 8, 4, 12, 5],
    ]);
    for (const figure of ['accuracy', 'oneOff', 'balancedAccuracy', 'meanClassError', 'loss']) {
      const [first, second] = folds.map((fold) => fold[figure] as number);
      if (figure === 'loss') expect(first).not.toBe(second);
      expect(mean[figure]).toBeCloseTo((first! + second!) / 2, 12);
      // Of two values: their distance over the root of two.
      expect(standardDeviation[figure]).toBeCloseTo(Math.abs(first! - second!) / Math.SQRT2, 12);
    }
    expect(confusion.flat().reduce((sum, count) => sum + count)).toBe(24);
  });

  it('leaves runs that can be looked at as any other', async () => {
    const { code, stdout } = await ageband('evaluate', join(out('whole'), 'fold-2'), join(out('whole'), 'fold-2.csv'), '--json');
    expect(code).toBe(0);
    const { accuracy, loss } = JSON.parse(stdout) as { accuracy: number; loss: number };
    const fold = (await reportOf('whole')).folds[1]!;
    expect(accuracy).toBe(fold['accuracy']);
    expect(loss).toBeCloseTo(fold['loss'] as number, 5);
  });

  it('draws folds of other data, and prints the results as JSON', async () => {
    const options = ['--folds', '3', '--group-by', 'none', '--epochs', '1', '--no-near-duplicates', '--json'];
    const { code, stdout } = await ageband('cross-validate', out('pictures'), '--out', out('drawn'), ...QUICK, ...options);
    expect(code).toBe(0);
    const { folds } = JSON.parse(stdout) as Report;
    expect(folds.map(({ name, test }) => [name, test])).toEqual([['1', 9], ['2', 8], ['3', 8]]);
  });

  it('fetches weights at an address once for all folds', async () => {
    expect((await ageband('export', join(out('whole'), 'fold-1'), out('w.safetensors'))).code).toBe(0);
    const weights = await readFile(out('w.safetensors'));
    const { origin, asked } = await startHttp((_, response) => void response.end(weights));
    await writeFile(out('weights.json'), JSON.stringify({ weights: `${origin}/w.safetensors` }));
    const ended = await ageband(...words('fetched'), '--epochs', '1', '--config', out('weights.json'));
    expect(ended.code, ended.stderr).toBe(0);
    expect(asked).toEqual(['/w.safetensors']);
    const { weights: kept } = JSON.parse(await readFile(join(out('fetched'), 'fold-2', 'config.json'), 'utf8')) as { weights: string };
    expect((await readFile(kept)).equals(weights)).toBe(true);
  });

  it('refuses to go on with other settings, and options with --resume', async () => {
    const other = await ageband(...words('whole'), '--learning-rate', '0.5');
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/^error: .*whole: holds results that were made with another learningRate: 0\.05, now 0\.5\nhint: /);
    const resumed = await ageband('cross-validate', '--resume', out('whole'), '--epochs', '9');
    expect(resumed.stderr).toMatch(/^error: cross-validate --resume: what has begun keeps its options, got epochs\n/);
    const nothing = await ageband('cross-validate', '--resume', out('nothing'));
    expect(nothing.stderr).toMatch(/^error: .*nothing: holds no cross-validation\n/);
  });

  it('says which option is missing or wrong', async () => {
    const refusals: [string[], RegExp][] = [
      [[manifest], /no folds given\nhint: For example/],
      [['--folds', '5'], /no data set given/],
      [[manifest, '--folds', '1'], /It must be published or a number from 2 on/],
      [[out('pictures'), '--folds', 'published'], /there is no column `fold` with values\nhint: /],
      [[manifest, '--folds', 'published', '--group-by', 'album'], /there is no column "album" to group by\nhint: Its columns are file, band/],
      [[manifest, '--folds', 'published', '--batch-size', '9'], /a batch of 9 is larger than the train split of 8 pictures/],
    ];
    for (const [options, message] of refusals) {
      const { code, stderr } = await ageband('cross-validate', ...options, '--out', out('refused'));
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
    }
  });
});

describe('an interrupted cross-validation', () => {
  it('goes on after kill -9 at the fold and epoch where it stood, to the same results', async () => {
    const running = startAgeband(words('killed'));
    await untilLines(join(out('killed'), 'fold-2', 'history.jsonl'), 2);
    const { pid } = JSON.parse(await readFile(join(out('killed'), 'fold-2', '.lock'), 'utf8')) as { pid: number };
    running.kill('SIGKILL');
    expect((await running.ended).code).toBeNull();
    expect(existsSync(join(out('killed'), 'cross-validation.json'))).toBe(false);
    await expect.poll(() => processRuns(pid), { timeout: 30_000 }).toBe(false);

    const { code, stdout } = await ageband('cross-validate', '--resume', out('killed'));
    expect(code).toBe(0);
    expect(stdout).toContain('2 folds of 5 epochs, 1 of them done before\n');
    expect(stdout).toMatch(/^Going on with epoch [2-5]$/m);
    expect(stdout).not.toContain('Fold 1/2 epoch');
    expect(await timelessReport('killed')).toEqual(await timelessReport('whole'));
    for (const fold of ['fold-1', 'fold-2']) {
      expect(await digestsOf(join(out('killed'), fold))).toEqual(await digestsOf(join(out('whole'), fold)));
    }
    // Once more there is nothing left to do.
    const again = await ageband('cross-validate', '--resume', out('killed'));
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('2 of them done before\n\nfold ') as string });
  });

  // Windows cannot send Ctrl-C to one process alone.
  it.skipIf(process.platform === 'win32')('says after Ctrl-C how to go on', async () => {
    const running = startAgeband(words('stopped'));
    await untilLines(join(out('stopped'), 'fold-1', 'history.jsonl'), 1);
    running.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('No fold is done yet\n');
    expect(stderr).toContain(`To go on: ageband cross-validate --resume ${out('stopped')}\n`);
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
    const elsewhere = await ageband('cross-validate', '--resume', out('stopped'), '--device', absent);
    expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringMatching(`^error: the device ${absent} cannot be used: `) as string });
    expect((await crossValidate('stopped')).code).toBe(0);
    expect(await timelessReport('stopped')).toEqual(await timelessReport('whole'));
  });

  it('ends with the reason when a fold hangs again and again, and goes on when it does no more', async () => {
    const hung = await startAgeband([...words('hung'), '--give-up-after', '4'], undefined, loading('hang-run.js')).ended;
    expect(hung.code).toBe(1);
    expect(hung.stderr).toBe(
      'error: the run got no step further for 4 seconds\nhint: If a step just takes longer than that, allow for it: --give-up-after SECONDS\n',
    );
    const again = await ageband('cross-validate', '--resume', out('hung'), '--give-up-after', '600');
    expect(again.code, again.stderr).toBe(0);
    expect(await timelessReport('hung')).toEqual(await timelessReport('whole'));
  });
});
