import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sharedFolder, writePictures, writeRun } from '../../test/support/training.js';
import { measureFaithfulness } from '../evaluation/faithfulness/measure.js';
import { measureFaithfulnessIn } from './faithfulness.js';

const folder = sharedFolder();

it('goes on where it was killed, to the same result, and measures again only what is asked of anew', async () => {
  const [data, out] = [join(folder.path, 'data'), join(folder.path, 'out')];
  await writePictures(data, ['a', 'b'], { test: [2, 2] });
  const { path: run } = await writeRun(join(folder.path, 'run'), 'elsewhere', ['a', 'b']);
  const options = { method: 'grad-cam++', threads: 1 } as const;
  const whole = await measureFaithfulness(run, data, options);
  expect(await measureFaithfulnessIn(out, run, data, options)).toEqual(whole);
  const journal = join(out, 'faithfulness.jsonl');
  const lines = async () => (await readFile(journal, 'utf8')).split('\n').slice(0, -1);
  const before = await lines();
  expect(before).toHaveLength(4);
  // Killed while the third line was written.
  await truncate(journal, before.slice(0, 2).join('\n').length + 30);
  expect(await measureFaithfulnessIn(out, run, data, options)).toEqual(whole);
  expect(await lines()).toEqual(before);
  expect(await measureFaithfulnessIn(out, run, data, options)).toEqual(whole);
  expect(await lines()).toEqual(before);
  await measureFaithfulnessIn(out, run, data, { ...options, layer: 'conv2' });
  expect((await lines()).slice(0, 4)).toEqual(before);
  expect(await lines()).toHaveLength(8);
});
