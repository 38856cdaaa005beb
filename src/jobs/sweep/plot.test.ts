import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../evaluation/plots.js';
import { sweepSpec } from './plot.js';
import type { Choice } from './parameters.js';
import type { Trial } from './record.js';
import type { SweepSettings } from './settings.js';

interface Point {
  readonly axis: string;
  readonly place: number;
  readonly trial: string;
  readonly value: number;
}

const trialOf = (trial: number, choice: Choice, loss?: number, epochs = 2): Trial => ({
  ...{ trial, run: `trial-${trial}`, choice, status: loss === undefined ? 'failed' : 'done' },
  ...(loss === undefined ? {} : { result: { loss, accuracy: 1 - loss, epochs } as NonNullable<Trial['result']> }),
});
const settingsOf = (order: string[], others: Partial<SweepSettings> = {}): SweepSettings =>
  ({ order, metric: 'loss', ...others }) as SweepSettings;

/** The values of a layer of the plot: 0 axes, 1 lines, 2 the best, 3 and 4 what is written beside the axes. */
function valuesOf(spec: ReturnType<typeof sweepSpec>, layer: number): readonly Record<string, unknown>[] {
  const { layer: layers } = spec as unknown as { layer: { data: { values: Record<string, unknown>[] } }[] };
  return layers[layer]!.data.values;
}

const placesOn = (spec: ReturnType<typeof sweepSpec>, axis: string): Record<string, number> =>
  Object.fromEntries((valuesOf(spec, 1) as unknown as Point[]).filter((point) => point.axis === axis).map(({ trial, place }) => [trial, place]));

describe('a plot of a sweep', () => {
  const trials = [
    trialOf(2, { learningRate: 0.01, batchSize: 20, model: 'b' }, 0.1),
    trialOf(1, { learningRate: 1, batchSize: 10, model: 'a' }, 0.3),
    trialOf(3, { learningRate: 0.1, batchSize: 25, model: 'b' }, 0.5),
    trialOf(4, { learningRate: 10, batchSize: 99, model: 'z' }),
  ];
  const spec = sweepSpec(trials, settingsOf(['learningRate', 'batchSize', 'model']));

  it('has an axis for each option and for the figure that counts, and a line for each trial with a result', () => {
    expect(valuesOf(spec, 0).map(({ axis }) => axis)).toEqual(['learningRate', 'batchSize', 'model', 'loss']);
    expect(new Set(valuesOf(spec, 1).map(({ trial }) => trial))).toEqual(new Set(['trial-1', 'trial-2', 'trial-3']));
    expect(spec).toMatchObject({ title: '3 trials, the best in black: trial-2', width: 600 });
    expect(new Set(valuesOf(spec, 2).map(({ trial }) => trial))).toEqual(new Set(['trial-2']));
  });

  it('places values evenly, by their logarithms where they are far apart, and names by the alphabet', () => {
    // 0.01 to 1 is a factor of 100; 10 to 25 is none of 20.
    expect(placesOn(spec, 'learningRate')).toEqual({ 'trial-1': 1, 'trial-2': 0, 'trial-3': expect.closeTo(0.5, 9) as number });
    expect(placesOn(spec, 'batchSize')).toEqual({ 'trial-1': 0, 'trial-2': expect.closeTo(2 / 3, 9) as number, 'trial-3': 1 });
    expect(placesOn(spec, 'model')).toEqual({ 'trial-1': 0, 'trial-2': 1, 'trial-3': 1 });
    expect(placesOn(spec, 'loss')).toEqual({ 'trial-1': expect.closeTo(0.5, 9) as number, 'trial-2': 0, 'trial-3': 1 });
  });

  it('writes values beside the axes, of many only the ends', () => {
    const labels = (plot: typeof spec, axis: string) => valuesOf(plot, 4).filter((tick) => tick['axis'] === axis).map(({ label }) => label);
    expect(labels(spec, 'batchSize').sort()).toEqual(['10', '20', '25']);
    const many = Array.from({ length: 9 }, (_, index) => trialOf(index + 1, { momentum: index / 10 }, 0.5 + index));
    expect(labels(sweepSpec(many, settingsOf(['momentum'])), 'momentum')).toEqual(['0', '0.8']);
  });

  it('shows the epochs of successive halving, and a value that all share in the middle', () => {
    const asha = { minEpochs: 2, maxEpochs: 6, reductionFactor: 3 };
    const halved = sweepSpec([trialOf(1, { batchSize: 8 }, 0.1, 6), trialOf(2, { batchSize: 8 }, 0.2, 2)], settingsOf(['batchSize'], { asha }));
    expect(valuesOf(halved, 0).map(({ axis }) => axis)).toEqual(['batchSize', 'epochs', 'loss']);
    expect(placesOn(halved, 'epochs')).toEqual({ 'trial-1': 1, 'trial-2': 0 });
    expect(placesOn(halved, 'batchSize')).toEqual({ 'trial-1': 0.5, 'trial-2': 0.5 });
  });

  it('is drawn, dark for what is good', async () => {
    const colours = (metric: SweepSettings['metric']) => JSON.stringify(sweepSpec(trials, settingsOf(['batchSize'], { metric })));
    expect(colours('loss')).toContain('"reverse":false');
    expect(colours('accuracy')).toContain('"reverse":true');
    const svg = await renderSvg(spec);
    for (const word of ['learningRate', 'batchSize', 'model', 'loss', 'trial-2']) expect(svg).toContain(word);
  });
});
