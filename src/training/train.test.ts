import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sharedFolder, writeRun } from '../../test/support/training.js';
import { ConfigError } from '../base/errors.js';
import { readConfig, writeConfig } from './run-folder.js';
import { fineTuneOptions } from './train.js';

const folder = sharedFolder();

it('fineTuneOptions takes what is left out from the run, but not what belongs to its data', async () => {
  const run = await writeRun(join(folder.path, 'run'), 'faces', ['a', 'b']);
  const kept = await readConfig(run);
  await writeConfig(run, { ...kept, root: 'pictures', limit: 100, from: 'runs/earlier' });
  const given = { from: run.path, data: 'other', out: 'runs/tuned', epochs: 9 };
  expect(await fineTuneOptions(given)).toEqual({ ...kept, ...given });
  expect(await fineTuneOptions({ ...given, limit: 5, root: 'others' })).toMatchObject({ limit: 5, root: 'others' });
  await expect(fineTuneOptions({ ...given, from: folder.path })).rejects.toThrow(ConfigError);
});
