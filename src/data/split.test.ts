import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../base/errors.js';
import { samplesOf } from './dataset.js';
import type { Dataset, Sample } from './sample.js';
import { DEFAULT_FRACTIONS } from './draw.js';
import { splitDataset } from './split.js';

const SPLITS = ['train', 'valid', 'test'] as const;

function datasetOf(samples: Omit<Sample, 'file'>[]): Dataset {
  const classes = ['a', 'b', 'c'];
  return {
    root: '/data',
    kind: 'manifest',
    classes,
    samples: samples.map((sample, index) => ({ file: `/data/${index}.jpg`, ...sample })),
    problems: [],
  };
}

/** Class c has (c + 1) · 50 samples. */
const labelOf = (index: number): number => (index < 50 ? 0 : index < 150 ? 1 : 2);
const UNGROUPED = datasetOf(Array.from({ length: 300 }, (_, index) => ({ label: labelOf(index) })));
const OPTIONS = { ...DEFAULT_FRACTIONS, seed: 4 };

/** Samples per split and class. */
function counts(dataset: Dataset): number[][] {
  return SPLITS.map((split) =>
    dataset.classes.map((_, label) => samplesOf(dataset, split).filter((sample) => sample.label === label).length),
  );
}

describe('splitDataset', () => {
  it('keeps the proportions of every class exactly', () => {
    expect(counts(splitDataset(UNGROUPED, OPTIONS))).toEqual([
      [30, 60, 90],
      [10, 20, 30],
      [10, 20, 30],
    ]);
    expect(counts(splitDataset(UNGROUPED, { train: 0.5, valid: 0, test: 0.5, seed: 1 }))).toEqual([
      [25, 50, 75],
      [0, 0, 0],
      [25, 50, 75],
    ]);
  });

  it('depends on the seed alone', () => {
    const first = splitDataset(UNGROUPED, OPTIONS);
    expect(splitDataset(UNGROUPED, OPTIONS)).toEqual(first);
    expect(splitDataset(first, OPTIONS)).toEqual(first);
    expect(splitDataset(UNGROUPED, { ...OPTIONS, seed: 5 })).not.toEqual(first);
    // Nothing about the place in the list decides: the first tenth of the samples is spread over the splits, too.
    expect(new Set(first.samples.slice(0, 30).map(({ split }) => split)).size).toBe(3);
  });

  it('changes nothing else', () => {
    const { samples, ...rest } = splitDataset(UNGROUPED, OPTIONS);
    const { samples: before, ...restBefore } = UNGROUPED;
    expect(rest).toEqual(restBefore);
    expect(samples.map((sample) => ({ ...sample, split: undefined }))).toEqual(before);
  });

  it('never cuts a group, and comes near the proportions', () => {
    const sample = fc.record({ label: fc.nat(2), group: fc.nat(60).map(String) });
    const grouped = fc.array(sample, { minLength: 200, maxLength: 400 });
    fc.assert(
      fc.property(grouped, fc.nat(1000), (samples, seed) => {
        const dataset = datasetOf(samples);
        const split = splitDataset(dataset, { ...DEFAULT_FRACTIONS, seed });
        const places = new Map<string, Set<string>>();
        for (const sample of split.samples) {
          const place = places.get(sample.group!) ?? new Set();
          places.set(sample.group!, place.add(sample.split!));
        }
        expect([...places.values()].every((place) => place.size === 1)).toBe(true);
        counts(split).forEach((perClass, index) => {
          const fraction = DEFAULT_FRACTIONS[SPLITS[index]!];
          const share = perClass.reduce((sum, number) => sum + number, 0) / samples.length;
          expect(Math.abs(share - fraction)).toBeLessThan(0.1);
        });
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('gives nothing to a split of fraction 0, however the groups fall', () => {
    const albums = datasetOf(Array.from({ length: 300 }, (_, index) => ({ label: index % 3, group: `${index % 17}` })));
    for (let seed = 0; seed < 20; seed++) {
      const split = splitDataset(albums, { train: 0.7, valid: 0, test: 0.3, seed });
      expect(samplesOf(split, 'valid')).toEqual([]);
    }
  });

  it('takes samples without a group one by one', () => {
    const dataset = datasetOf([
      ...Array.from({ length: 10 }, () => ({ label: 0, group: 'album' })),
      ...Array.from({ length: 90 }, () => ({ label: 0 })),
    ]);
    const split = splitDataset(dataset, OPTIONS);
    expect(new Set(split.samples.slice(0, 10).map((sample) => sample.split)).size).toBe(1);
    expect(new Set(split.samples.slice(10).map((sample) => sample.split)).size).toBe(3);
  });

  it('refuses fractions that do not add up', () => {
    expect(() => splitDataset(UNGROUPED, { train: 0.6, valid: 0.2, test: 0.1, seed: 1 })).toThrow(ConfigError);
    expect(() => splitDataset(UNGROUPED, { train: 1.2, valid: -0.2, test: 0, seed: 1 })).toThrow(/got 1.2, -0.2, 0/);
  });

  it('refuses to leave a wanted split empty', () => {
    const album = datasetOf(Array.from({ length: 20 }, (_, index) => ({ label: 0, group: `${index % 2}` })));
    expect(() => splitDataset(album, OPTIONS)).toThrow(DataError);
    expect(() => splitDataset(album, OPTIONS)).toThrow('/data: no picture is left for the test split');
  });
});
