import { describe, expect, it } from 'vitest';
import { renderSvg } from '../plots.js';
import { faithfulnessSpec } from './plot.js';
import type { PictureMeasurement } from './outcome.js';
import { summariseFaithfulness } from './summary.js';

const measurement = (changes: Partial<PictureMeasurement> = {}): PictureMeasurement => ({
  file: 'a.jpg',
  explained: 'old',
  deletion: { map: [1, 0, 0], random: [1, 0.5, 0], control: [1, 1, 0] },
  insertion: { map: [0, 1, 1], random: [0, 0.5, 1], control: [0, 0, 1] },
  likeness: 0.25,
  regions: { face: { mass: 0.5, area: 0.25 }, eyes: { mass: 0.2, area: 0.1 } },
  ...changes,
});

describe('summariseFaithfulness', () => {
  it('gives mean curves, their areas, and gains that are above 0 where the map does better', () => {
    const other = measurement({ deletion: { map: [1, 1, 0], random: [1, 0.5, 0], control: [1, 1, 0] } });
    const { deletion, insertion } = summariseFaithfulness([measurement(), other]);
    expect(deletion.map).toEqual([1, 0.5, 0]);
    // Areas 0.25 and 0.75 against 0.5: gains 0.25 and -0.25.
    expect([deletion.mapArea, deletion.randomArea, deletion.gain.mean]).toEqual([0.5, 0.5, 0]);
    expect(deletion.gain.interval).toEqual({ low: -0.25, high: 0.25 });
    expect([insertion.mapArea, insertion.randomArea, insertion.gain.mean]).toEqual([0.75, 0.5, 0.25]);
    expect(insertion.gain.interval).toEqual({ low: 0.25, high: 0.25 });
  });

  it('compares with the maps of random weights in the same way, and tells how alike they are', () => {
    const { deletion, insertion, likeness } = summariseFaithfulness([measurement(), measurement({ likeness: null }), measurement({ likeness: 0.75 })]);
    expect([deletion.controlArea, deletion.controlGain.mean]).toEqual([0.75, 0.5]);
    expect([insertion.controlArea, insertion.controlGain.mean]).toEqual([0.25, 0.5]);
    expect(likeness).toEqual({ mean: 0.5, interval: { low: 0.25, high: 0.75 } });
    expect(summariseFaithfulness([measurement({ likeness: null })]).likeness).toBeNull();
  });

  it('draws whole groups: with one group nothing can be said', () => {
    const { deletion } = summariseFaithfulness([measurement({ group: 'x' }), measurement({ group: 'x' })]);
    expect(deletion.gain).toEqual({ mean: 0.25, interval: null });
  });

  it('leaves pictures without a face out of the regions alone', () => {
    const faceless = measurement({ regions: null, insertion: { map: [0, 0, 0], random: [0, 0, 0], control: [0, 0, 0] } });
    const eyes = { mass: 0.4, area: 0.2 };
    const { regions, insertion } = summariseFaithfulness([
      measurement(),
      faceless,
      measurement({ regions: { face: { mass: 0.7, area: 0.25 }, eyes } }),
    ]);
    expect(regions?.pictures).toBe(2);
    expect(regions?.face.mass.mean).toBeCloseTo(0.6, 12);
    expect(regions?.face.area.mean).toBe(0.25);
    expect(regions?.eyes.excess.mean).toBeCloseTo(0.15, 12);
    expect(insertion.mapArea).toBeCloseTo(0.5, 12);
  });

  it('has no regions where no face was found', () => {
    expect(summariseFaithfulness([measurement({ regions: null })]).regions).toBeNull();
  });
});

describe('faithfulnessSpec', () => {
  it('draws the curves of deletion and insertion', async () => {
    const svg = await renderSvg(faithfulnessSpec(summariseFaithfulness([measurement()])));
    // The plots are 330 wide and 240 high; y counts downwards from probability 1.
    for (const path of ['M0,0L165,240L330,240', 'M0,0L165,120L330,240', 'M0,240L165,0L330,0', 'M0,240L165,120L330,0']) {
      expect(svg).toContain(`d="${path}"`);
    }
    expect(svg).toContain('Deletion: lower is better');
    expect(svg).toContain('random weights');
  });
});
