import sharp from 'sharp';
import { expect, it } from 'vitest';
import { pictureOf, PORTRAIT } from '../../test/support/portrait.js';
import { openFaceFinder } from './finder.node.js';
import { faceForNetwork } from './network-input.js';

it('a network is shown the same face whatever the size of the photo', async () => {
  const finder = await openFaceFinder();
  const crops = [];
  for (const size of [220, 880]) {
    const picture = await pictureOf(sharp(PORTRAIT).resize(size, size, { kernel: 'cubic' }));
    const [face] = await finder.find(picture);
    crops.push(faceForNetwork(picture, face!, 64));
  }
  await finder.dispose();
  const [small, large] = crops;
  expect([small!.width, small!.height]).toEqual([64, 64]);
  const difference = small!.data.reduce((sum, level, index) => sum + Math.abs(level - large!.data[index]!), 0);
  expect(difference / small!.data.length).toBeLessThan(6);
});
