import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallNetwork } from '../../test/support/shared-run.js';
import { QUICK, sharedFolder, start, writePictures } from '../../test/support/training.js';
import { importModel } from './import-run.js';
import { exportRun } from './export.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { readConfig, RunFolder, writeConfig } from './run-folder.js';

const folder = sharedFolder();
const inFolder = (name: string): string => join(folder.path, name);
const SETTINGS = { network: smallNetwork(2), augment: false, schedule: 'time', decay: 0.01 } as const;
let data: string;
let base: RunFolder;

/** Two epochs of training, as if they had been imported with the state of the optimiser. */
beforeAll(async () => {
  data = inFolder('data');
  await writePictures(data, ['a', 'b'], { train: [6, 6], valid: [2, 2] });
  await start({ ...QUICK, ...SETTINGS, data, out: inFolder('base') });
  base = new RunFolder(inFolder('base'));
  await writeConfig(base, { ...(await readConfig(base)), imported: true });
  const { tensors, state } = await loadCheckpoint(base.checkpointFile('last'));
  await saveCheckpoint(base.checkpointFile('best'), { tensors, state });
});

async function tuned(out: string, settings: Record<string, unknown> = {}) {
  const told = await start({ ...QUICK, ...SETTINGS, data, out: inFolder(out), from: base.path, epochs: 1, ...settings });
  const { history } = { history: told.of('epoch')[0]!.record };
  return { notes: told.of('start')[0]!.notes, ...history };
}

describe('fine-tuning an imported run', () => {
  it('goes on with the state of the optimiser, its steps and the decay of the rate', async () => {
    const { notes, step, learning_rate: rate } = await tuned('goes on');
    // Two epochs of three steps before; of the new epoch the last step is the ninth, from 0 the eighth.
    expect(notes).toEqual(['The optimiser goes on with its imported state, after 6 steps.']);
    expect(step).toBe(9);
    expect(rate).toBeCloseTo(QUICK.learningRate / (1 + 0.01 * 8), 9);
    const slotOf = async (out: string) => {
      const { tensors } = await loadCheckpoint(new RunFolder(inFolder(out)).checkpointFile('last'));
      return [...(tensors.get('dense1.bias/momentum')!.data as Float32Array)];
    };
    await rm(inFolder('afresh'), { recursive: true, force: true });
    await writeConfig(base, { ...(await readConfig(base)), imported: false });
    const afresh = await tuned('afresh');
    await writeConfig(base, { ...(await readConfig(base)), imported: true });
    expect(afresh).toMatchObject({ notes: undefined, step: 3 });
    // The first loss is that of the same weights; the momentum then leads elsewhere.
    expect(await slotOf('goes on')).not.toEqual(await slotOf('afresh'));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another optimiser', { optimiser: 'adamw', momentum: 0 }, 'the imported state is that of sgd, not of adamw'],
    ['a course of the rate of its own', { schedule: 'cosine', decay: 1e-5 }, 'its learning rate follows a course that begins now'],
    ['a warm-up', { warmup: 2 }, 'its learning rate follows a course that begins now'],
  ])('starts afresh with %s, and says so', async (name, settings, reason) => {
    expect(await tuned(name, settings)).toMatchObject({ notes: [`The optimiser starts afresh: ${reason}.`], step: 3 });
  });

  it('starts afresh where the file held no state', async () => {
    const [file, run] = [inFolder('model.safetensors'), inFolder('imported')];
    await exportRun(base.path, file);
    await importModel(file, run);
    expect((await tuned('from imported', { from: run })).notes).toEqual(['The optimiser starts afresh: the imported file held no state of one.']);
  });

  it('starts afresh where a part of the state is missing', async () => {
    const { tensors, state } = await loadCheckpoint(base.checkpointFile('best'));
    const without = new Map([...tensors].filter(([name]) => name !== 'dense1.bias/momentum'));
    await saveCheckpoint(base.checkpointFile('best'), { tensors: without, state });
    expect((await tuned('incomplete')).notes).toEqual(['The optimiser starts afresh: the imported state lacks dense1.bias/momentum.']);
  });
});
