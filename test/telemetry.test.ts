import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSettings } from './soak/soak.js';
import { startAgeband } from './support/cli.js';
import { temporaryFolder } from './support/folder.js';
import { PORTRAIT } from './support/portrait.js';

it.each([
  ['on the main thread', () => Promise.resolve(['predict', PORTRAIT])],
  ['on another thread', async (folder: string) => ['train', '--config', await writeSettings(join(folder, 'settings.json'), 1), '--out', join(folder, 'run')]],
])('the engine does not tell its makers that it is used %s', async (_, wordsIn) => {
  const [home, folder] = [await temporaryFolder(), await temporaryFolder()];
  const ended = await startAgeband(await wordsIn(folder), folder, { HOME: home, XDG_CACHE_HOME: '', XDG_DATA_HOME: '' }).ended;
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  // It would keep its number for this machine there.
  expect(await readdir(home, { recursive: true })).toEqual([]);
});
