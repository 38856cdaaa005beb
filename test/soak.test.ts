import { join } from 'node:path';
import { expect, it } from 'vitest';
import { soak } from './soak/soak.js';
import { temporaryFolder } from './support/folder.js';

it.skipIf(process.platform === 'win32')('a training that is killed at random moments comes to the same weights', async () => {
  const folder = join(await temporaryFolder(), 'soak');
  const { undisturbed, disturbed, ends } = await soak({ folder, steps: 60, kills: 4, seed: 1 });
  expect(ends.length).toBeGreaterThan(2);
  expect(disturbed).toEqual(undisturbed);
  expect(undisturbed.history).toHaveLength(10);
});
