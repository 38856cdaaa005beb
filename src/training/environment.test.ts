import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { currentEnvironment, readEnvironment, writeEnvironment } from './environment.js';
import { RunFolder } from './run-folder.js';

it('what a run is trained with is kept in it', async () => {
  const run = new RunFolder(await temporaryFolder());
  expect(await readEnvironment(run)).toBeUndefined();
  await writeEnvironment(run, 'webgpu');
  expect(await readEnvironment(run)).toEqual(await currentEnvironment('webgpu'));
  expect(await currentEnvironment('webgpu')).toMatchObject({
    device: 'webgpu',
    ageband: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    onnxRuntime: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    node: process.versions.node,
  });
  await writeFile(join(run.path, 'environment.json'), '{"node":');
  expect(await readEnvironment(run)).toBeUndefined();
});
