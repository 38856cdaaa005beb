import { describe, expect, it } from 'vitest';
import type { EpochRecord } from '../training/history.js';
import { historySpec, renderSvg } from './plots.js';

const record = (epoch: number, changes: Partial<EpochRecord> = {}): EpochRecord => ({
  epoch,
  step: 10 * epoch,
  loss: 2,
  accuracy: 0.5,
  val_loss: 2,
  val_accuracy: 0.5,
  learning_rate: 0.001,
  seconds: 1,
  images_per_second: 8,
  ...changes,
});
const unvalidated = { val_loss: null, val_accuracy: null };

const draw = (history: EpochRecord[]): Promise<string> => renderSvg(historySpec(history));

/** The texts of an SVG, in its order. */
const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map((match) => match[1]!);

describe('historySpec', () => {
  it('draws accuracy and loss of both sets against epochs', async () => {
    const svg = await draw([
      record(1, { accuracy: 0, val_accuracy: 0.2, loss: 2, val_loss: 1 }),
      record(2, { accuracy: 0.5, val_accuracy: 0.4, loss: 1, val_loss: 0.5 }),
      record(3, { accuracy: 1, val_accuracy: 0.6, loss: 0, val_loss: 1.5 }),
    ]);
    // The plots are 330 wide and 240 high; y counts downwards, from 0 to 100 % and from 0 to 2.
    expect(svg).toContain('d="M0,240L165,120L330,0"');
    expect(svg).toContain('d="M0,192L165,144L330,96"');
    expect(svg).toContain('d="M0,0L165,120L330,240"');
    expect(svg).toContain('d="M0,120L165,180L330,60"');
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['Accuracy', 'Loss', 'epoch', '100%', '2.0', '1', '3']));
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['training', 'validation']));
  });

  it('marks the best epoch with its values', async () => {
    const history = [record(1), record(2, { val_loss: 1.25, val_accuracy: 0.625 }), record(3)];
    const texts = textsOf(await draw(history));
    expect(texts).toContain('best: epoch 2, 62.5%');
    expect(texts).toContain('best: epoch 2, 1.250');
  });

  it('marks where frozen layers were unfrozen, half an epoch before the first that trains all', async () => {
    const history = [1, 2, 3].map((epoch) => record(epoch, { trainable_parameters: epoch < 3 ? 20 : 500 }));
    const svg = await draw(history);
    expect(textsOf(svg).filter((label) => label === 'all layers')).toHaveLength(2);
    // Epochs 1 to 3 are 330 wide, so 2.5 is at 247.5.
    expect(svg).toMatch(/<line [^>]*transform="translate\(247\.5,0\)"[^>]*stroke-dasharray="2,3"/);
    expect(textsOf(await draw(history.slice(0, 2)))).not.toContain('all layers');
  });

  it.each([
    ['a single epoch', [record(1)]],
    ['a single epoch without validation', [record(1, unvalidated)]],
    ['values of zero', [record(1, { loss: 0, accuracy: 0, ...unvalidated })]],
    ['epochs from a later one on', [record(7), record(8, { loss: 1 })]],
  ])('draws %s', async (_, history) => {
    const svg = await draw(history);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(textsOf(svg)).toContain(`best: epoch ${history[0]!.epoch}, ${history[0]!.accuracy === 0 ? '0.0%' : '50.0%'}`);
  });

  it('starts from zero where all values are equal', async () => {
    expect(textsOf(await draw([record(1)]))).toEqual(expect.arrayContaining(['0%', '50%', '0.0', '2.0']));
  });

  it('leaves a set without values out of the legend', async () => {
    const texts = textsOf(await draw([record(1, unvalidated), record(2, unvalidated)]));
    expect(texts).toContain('training');
    expect(texts).not.toContain('validation');
  });

  it('names a generic font for where the own one is missing', async () => {
    expect(await draw([record(1)])).toMatch(/font-family="Atkinson Hyperlegible, [^"]*sans-serif"/);
  });
});
