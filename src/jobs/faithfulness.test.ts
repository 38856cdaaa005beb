import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sharedFolder, writePictures, writeRun } from '../../test/support/training.js';
import { measureFaithfulnessIn } from './faithfulness.js';

const folder = sharedFolder();

it('goes on where it was killed, to the same result, and measures again only what is asked of anew', { timeout: 90_000 }, async () => {
  const [data, out] = [join(folder.path, 'data'), join(folder.path, 'out')];
  await writePictures(data, ['a', 'b'], { test: [1, 1] });
  const { path: run } = await writeRun(join(folder.path, 'run'), 'elsewhere', ['a', 'b']);
  const options = { method: 'grad-cam++', threads: 1 } as const;
  const whole = await measureFaithfulnessIn(out, run, data, options);
  expect(whole).toMatchObject({ pictures: 2, empty: 0, layer: 'conv2' });
  const journal = join(out, 'faithfulness.jsonl');
  const lines = async () => (await readFile(journal, 'utf8')).split('\n').slice(0, -1);
  const before = await lines();
  expect(before).toHaveLength(2);
  // Killed while the second line was written.
  await truncate(journal, before[0]!.length + 30);
  expect(await measureFaithfulnessIn(out, run, data, options)).toEqual(whole);
  expect(await lines()).toEqual(before);
  // What is kept serves the first picture; another layer is another question.
  await measureFaithfulnessIn(out, run, data, { ...options, layer: 'conv3', limit: 1 });
  expect((await lines()).slice(0, 2)).toEqual(before);
  expect(await lines()).toHaveLength(3);
  await measureFaithfulnessIn(out, run, data, { ...options, limit: 1 });
  expect(await lines()).toHaveLength(3);
});
