import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { classCountsSpec, plotClassCounts } from './class-plot.js';
import { renderSvg } from './plots.js';

it('plots the classes in their order with their numbers, as SVG and PNG', async () => {
  const folder = await temporaryFolder();
  const files = await plotClassCounts(
    [
      { name: '60+', pictures: 1234 },
      { name: '0-2', pictures: 8 },
    ],
    folder,
  );
  expect(files).toEqual([join(folder, 'classes.svg'), join(folder, 'classes.png')]);
  const texts = [...(await readFile(files[0]!, 'utf8')).matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text);
  expect(texts).toEqual(['60+', '0-2', '1,234', '8', 'Pictures per class']);
  expect(await sharp(files[1]).metadata()).toMatchObject({ format: 'png' });
});

it('plots the largest of very many classes', async () => {
  const classes = Array.from({ length: 60 }, (_, index) => ({ name: `c${index}`, pictures: index }));
  const svg = await renderSvg(classCountsSpec(classes));
  expect(svg).toContain('Pictures in the 50 largest classes');
  expect(svg).toContain('>c10<');
  expect(svg).not.toContain('>c9<');
});
