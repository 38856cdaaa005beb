import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import { DataError } from '../base/errors.js';
import { plotEvaluation } from './evaluation-plots.node.js';
import { judge } from './judge.js';
import { drawMistakes } from './mistake-sheet.node.js';

const judgement = judge([{ file: 'a', label: 0 }, { file: 'b', label: 1 }], { probabilities: Float32Array.of(0.75, 0.25, 0.5, 0.5) }, ['0-2', '4-6']);

describe('plotEvaluation', () => {
  it('writes each plot as SVG and PNG into a new folder', async () => {
    const folder = join(await temporaryFolder(), 'plots');
    const files = await plotEvaluation(judgement, folder);
    const names = ['reliability', 'confusion', 'bands'].flatMap((name) => [`${name}.svg`, `${name}.png`]);
    expect(files).toEqual(names.map((name) => join(folder, name)));
    for (const file of files) {
      if (file.endsWith('.png')) expect((await sharp(file).metadata()).format).toBe('png');
      else expect(await readFile(file, 'utf8')).toMatch(/^<svg /);
    }
  });
});

describe('drawMistakes', () => {
  const red = { create: { width: 20, height: 10, channels: 3, background: '#ff0000' } } as const;

  it('shows the pictures with captions, and leaves a place empty for one that cannot be read', async () => {
    const folder = await temporaryFolder();
    const [file, sheet] = [join(folder, 'a.png'), join(folder, 'sheet.png')];
    await sharp(red).png().toFile(file);
    await writeFile(join(folder, 'broken.png'), 'no picture');
    const mistake = { label: '<0-2>', predicted: '4-6 & \u0001 a name of great length', probability: 0.75, labelProbability: 0.25 };
    const mistakes = [file, join(folder, 'broken.png'), file, file, file, file].map((name) => ({ file: name, ...mistake }));
    await drawMistakes(mistakes, sheet);
    const { data, info } = await sharp(sheet).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    // Five columns of 112 units and two rows of 146 with gaps of 12, at 2.5 pixels per unit.
    expect([info.width, info.height]).toEqual([2.5 * (12 + 5 * 124), 2.5 * (12 + 2 * 158)]);
    const pixelAt = (x: number, y: number): number[] => {
      const start = 3 * (Math.round(2.5 * y) * info.width + Math.round(2.5 * x));
      return [...data.subarray(start, start + 3)];
    };
    // Twice as wide as high: in the middle of its square, with white above.
    expect(pixelAt(12 + 56, 12 + 56)).toEqual([255, 0, 0]);
    expect(pixelAt(12 + 56, 12 + 10)).toEqual([255, 255, 255]);
    expect(pixelAt(12 + 124 + 56, 12 + 80)).toEqual([255, 255, 255]);
    expect(pixelAt(12 + 56, 12 + 158 + 56)).toEqual([255, 0, 0]);
    const caption = await sharp(sheet).extract({ left: 30, top: 312, width: 280, height: 80 }).greyscale().stats();
    expect(caption.channels[0]!.min).toBeLessThan(80);
  });

  it('has nothing to draw without mistakes', async () => {
    await expect(drawMistakes([], 'sheet.png')).rejects.toThrow(DataError);
  });
});
