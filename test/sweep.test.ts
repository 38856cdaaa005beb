import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ageband, startAgeband } from './support/cli.js';
import { startHttp } from './support/http.js';
import { digestsOf, sharedFolder, writePictures } from './support/training.js';
import { untilLines } from './support/wait.js';
import { loading } from './support/workers.js';

const folder = sharedFolder();
const out = (name: string): string => join(folder.path, name);

interface TrialReport {
  trial: number;
  run: string;
  status: string;
  reason?: string;
  choice: Record<string, number>;
  result?: { loss: number; epochs: number; seconds: number };
}

/** Two rungs of 2 and 6 epochs; the second trial diverges. Trials one after the other, so that all is the same each time. */
const SWEEP = `data: pictures
method: asha
trials: 4
asha: { minEpochs: 2, maxEpochs: 6, reductionFactor: 3 }
threads: 1
fixed: { imageSize: 37, batchSize: 4, momentum: 0.9, workers: 0, seed: 7 }
parameters:
  learningRate: [0.01, 1.0e+30, 0.05]
`;

beforeAll(async () => {
  await writePictures(out('pictures'), ['0-2', '60+'], { train: [6, 6], valid: [3, 3] });
  await writeFile(out('s.yaml'), SWEEP);
  const { code, stdout, stderr } = await ageband('sweep', out('s.yaml'), '--out', out('whole'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('4 trials, 0 done\ntrial-001 begins: learningRate ');
  expect(stdout).toMatch(/^trial +learningRate +loss +accuracy .* epochs +status$/m);
  expect(stdout).toMatch(/^To train with its settings: ageband train --config .*best\.json --out runs\/best$/m);
});

/** A grid of the two trials that end well. */
function gridOf(fixed: Readonly<Record<string, unknown>>): string {
  const more = Object.entries(fixed).map(([name, value]) => `, ${name}: ${JSON.stringify(value)}`);
  const grid = SWEEP.replace(/method: asha[^]*?\nthreads/, 'method: grid\nthreads').replace(', 1.0e+30', '');
  return grid.replace('seed: 7', `seed: 7${more.join('')}`);
}

async function trialsOf(name: string): Promise<TrialReport[]> {
  const { trials } = JSON.parse(await readFile(join(out(name), 'sweep.json'), 'utf8')) as { trials: TrialReport[] };
  return trials;
}

/** Everything but how long it took and how much memory. */
async function timelessTrials(name: string) {
  return (await trialsOf(name)).map(({ run, status, choice, reason, result }) => {
    const { seconds: _seconds, ...figures } = result ?? { seconds: 0 };
    return { run, status, choice, reason, figures };
  });
}

describe('ageband sweep', () => {
  it('ranks trials, trains the best further, and goes on after a failure', async () => {
    const trials = await trialsOf('whole');
    const failed = trials.filter(({ status }) => status === 'failed');
    const finished = trials.filter(({ status }) => status !== 'failed');
    expect(failed.length).toBeGreaterThan(0);
    for (const { choice, reason } of failed) {
      expect(choice['learningRate']).toBe(1e30);
      expect(reason).toMatch(/became NaN|NaN or infinite/);
    }
    const losses = finished.map(({ result }) => result!.loss);
    expect(losses).toEqual(losses.toSorted((a, b) => a - b));
    // A third of four trials is one.
    expect(finished.filter(({ status }) => status === 'done').map(({ result }) => result!.epochs)).toEqual([6]);
    expect(finished.filter(({ status }) => status === 'stopped').every(({ result }) => result!.epochs === 2)).toBe(true);
  });

  it('leaves a table, a plot and the best settings, which train takes', async () => {
    const [best] = await trialsOf('whole');
    const csv = (await readFile(join(out('whole'), 'sweep.csv'), 'utf8')).split('\n');
    expect(csv[0]).toMatch(/^trial,status,learningRate,loss,accuracy,/);
    expect(csv[1]).toMatch(new RegExp(`^${best!.run},`));
    expect((await readFile(join(out('whole'), 'sweep.png'))).subarray(1, 4).toString()).toBe('PNG');
    expect(await readFile(join(out('whole'), 'sweep.svg'), 'utf8')).toContain('learningRate');
    const options = ['--threads', '1', '--epochs', '1', '--out', out('best')];
    const { code, stderr } = await ageband('train', '--config', join(out('whole'), 'best.json'), ...options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const config = JSON.parse(await readFile(join(out('best'), 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({ imageSize: 37, epochs: 1, learningRate: best!.choice['learningRate'], momentum: 0.9 });
  });

  it('fetches weights at an address once for all trials', async () => {
    expect((await ageband('export', join(out('whole'), 'trial-001'), out('w.safetensors'))).code).toBe(0);
    const weights = await readFile(out('w.safetensors'));
    const { origin, asked } = await startHttp((_, response) => void response.end(weights));
    await writeFile(out('weights.yaml'), gridOf({ epochs: 1, weights: `${origin}/w.safetensors` }));
    const words = ['sweep', out('weights.yaml'), '--out', out('weights')];
    const { code, stderr } = await ageband(...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(asked).toEqual(['/w.safetensors']);
    const [{ weights: kept }, { weights: named }] = await Promise.all(
      ['trial-002/config.json', 'best.json'].map(async (name) => JSON.parse(await readFile(join(out('weights'), name), 'utf8')) as { weights: string }),
    ) as [{ weights: string }, { weights: string }];
    expect((await readFile(kept)).equals(weights)).toBe(true);
    expect(named).toBe(`${origin}/w.safetensors`);
  });

  it('refuses to go on with other settings, and files that make no sense', async () => {
    await writeFile(out('other.yaml'), SWEEP.replace('imageSize: 37', 'imageSize: 40'));
    const other = await ageband('sweep', out('other.yaml'), '--out', out('whole'));
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/^error: .*whole: holds trials that were made with another fixed\.imageSize: 37, now 40\nhint: /);
    await writeFile(out('wrong.yaml'), SWEEP.replace('batchSize: 4', 'batchSize: 0'));
    const wrong = await ageband('sweep', out('wrong.yaml'), '--out', out('wrong'));
    expect(wrong.stderr).toMatch(/^error: .*wrong\.yaml:6: fixed\.batchSize: Too small.*, got 0\nhint: /);
    expect(existsSync(out('wrong'))).toBe(false);
  });
});

describe('an interrupted sweep', () => {
  it('goes on after kill -9 in the first rung and in the second, to the same results', async () => {
    const words = ['sweep', out('s.yaml'), '--out', out('killed')];
    const running = startAgeband(words);
    await untilLines(join(out('killed'), 'trial-001', 'history.jsonl'), 1);
    running.kill('SIGKILL');
    expect((await running.ended).code).toBeNull();

    // The best of the first rung is trained to its sixth epoch.
    const promoted = (await trialsOf('whole')).find(({ status }) => status === 'done')!.run;
    const again = startAgeband(words);
    await untilLines(join(out('killed'), promoted, 'history.jsonl'), 3);
    again.kill('SIGKILL');
    expect((await again.ended).code).toBeNull();
    expect(existsSync(join(out('killed'), 'sweep.json'))).toBe(false);

    expect((await ageband(...words)).code).toBe(0);
    expect(await timelessTrials('killed')).toEqual(await timelessTrials('whole'));
    expect(await digestsOf(join(out('killed'), promoted))).toEqual(await digestsOf(join(out('whole'), promoted)));
  });

  it('goes on on the device that it is then called with', async () => {
    await writeFile(out('device.yaml'), gridOf({ epochs: 4 }));
    const words = ['sweep', out('device.yaml'), '--out', out('device')];
    const running = startAgeband(words);
    await untilLines(join(out('device'), 'trial-001', 'history.jsonl'), 1);
    running.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
    const elsewhere = await ageband(...words, '--device', absent);
    expect(elsewhere.stdout).toMatch(new RegExp(`^trial-001 failed: the device ${absent} cannot be used: `, 'm'));
    expect((await ageband(...words, '--device', 'cpu')).code).toBe(0);
    expect((await ageband('sweep', out('device.yaml'), '--out', out('undisturbed'))).code).toBe(0);
    expect(await timelessTrials('device')).toEqual(await timelessTrials('undisturbed'));
    expect(await digestsOf(join(out('device'), 'trial-001'))).toEqual(await digestsOf(join(out('undisturbed'), 'trial-001')));
  });

  it('records a trial whose process is killed, goes on with the others, and tries it again when it is called again', async () => {
    await writeFile(out('grid.yaml'), gridOf({ epochs: 4 }));
    const running = startAgeband(['sweep', out('grid.yaml'), '--out', out('grid')]);
    await untilLines(join(out('grid'), 'trial-001', 'history.jsonl'), 1);
    const { pid } = JSON.parse(await readFile(join(out('grid'), 'trial-001', '.lock'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^trial-001 failed: the process of the run was killed \(SIGKILL\), as a system does that runs out of memory$/m);
    expect((await trialsOf('grid')).map(({ run, status }) => [run, status])).toEqual([['trial-002', 'done'], ['trial-001', 'failed']]);
    const again = await ageband('sweep', out('grid.yaml'), '--out', out('grid'));
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: '' });
    expect(again.stdout).toContain('2 trials, 1 done, 1 failed\ntrial-001 begins: learningRate 0.01\n');
    const trials = await trialsOf('grid');
    expect(trials.map(({ status, reason, result }) => [status, reason, result!.epochs])).toEqual([['done', undefined, 4], ['done', undefined, 4]]);
  });

  it('is rid of trials that hang: they go on at their checkpoint, and fail where they get no further', async () => {
    await writeFile(out('hung.yaml'), gridOf({ epochs: 3 }).replace('threads: 1', 'threads: 1\nparallel: 2'));
    const words = (name: string): string[] => ['sweep', out('hung.yaml'), '--out', out(name)];
    expect((await ageband(...words('sound'))).code).toBe(0);
    const { code, stdout } = await startAgeband([...words('hung'), '--give-up-after', '8'], undefined, loading('hang-run.js')).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^trial-002 failed: the run got no step further for 8 seconds$/m);
    expect(await digestsOf(join(out('hung'), 'trial-001'))).toEqual(await digestsOf(join(out('sound'), 'trial-001')));
    // Sound again, it does what had failed.
    expect((await ageband(...words('hung'))).code).toBe(0);
    expect(await timelessTrials('hung')).toEqual(await timelessTrials('sound'));
    expect(await digestsOf(join(out('hung'), 'trial-002'))).toEqual(await digestsOf(join(out('sound'), 'trial-002')));
  });

  it('leaves the patience of workers to them', async () => {
    const { code, stderr } = await ageband('sweep', out('s.yaml'), '--redis', 'redis://127.0.0.1:1', '--give-up-after', '8');
    expect(code).toBe(1);
    expect(stderr).toContain("option '--give-up-after <seconds>' cannot be used with option '--redis <url>'");
  });
});
