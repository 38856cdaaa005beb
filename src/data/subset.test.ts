import { describe, expect, it } from 'vitest';
import { ConfigError } from '../base/errors.js';
import type { Dataset, Sample } from './sample.js';
import { subset } from './subset.js';

function datasetOf(samples: Omit<Sample, 'file'>[]): Dataset {
  return {
    root: '/data',
    kind: 'manifest',
    classes: ['a', 'b', 'c'],
    samples: samples.map((sample, index) => ({ file: `/data/${index}.jpg`, ...sample })),
    problems: [],
  };
}

const counts = ({ samples, classes }: Dataset): number[] =>
  classes.map((_, label) => samples.filter((sample) => sample.label === label).length);

/** 2, 98 and 200 samples. */
const DATASET = datasetOf(Array.from({ length: 300 }, (_, index) => ({ label: index < 2 ? 0 : index < 100 ? 1 : 2 })));

describe('subset', () => {
  it('takes exactly as many as asked for, in proportion and at least one of each class', () => {
    expect(counts(subset(DATASET, 30, 1))).toEqual([1, 10, 19]);
    expect(counts(subset(DATASET, 3, 1))).toEqual([1, 1, 1]);
    expect(subset(DATASET, 2, 1).samples).toHaveLength(2);
    for (const count of [1, 7, 100, 299]) expect(subset(DATASET, count, 1).samples).toHaveLength(count);
  });

  it('returns a data set that is small enough as it is', () => {
    expect(subset(DATASET, 300, 1)).toEqual(DATASET);
    expect(subset(DATASET, 1000, 1)).toEqual(DATASET);
  });

  it('depends on the seed alone and keeps the order', () => {
    const files = subset(DATASET, 50, 1).samples.map(({ file }) => file);
    expect(subset(DATASET, 50, 1).samples.map(({ file }) => file)).toEqual(files);
    expect(subset(DATASET, 50, 2).samples.map(({ file }) => file)).not.toEqual(files);
    const all = DATASET.samples.map(({ file }) => file);
    expect(files).toEqual(files.toSorted((a, b) => all.indexOf(a) - all.indexOf(b)));
  });

  it('keeps the proportions of the splits', () => {
    const splits = Array.from({ length: 100 }, (_, index) => (index < 60 ? 'train' : 'test'));
    const { samples } = subset(datasetOf(splits.map((split) => ({ label: 0, split }))), 20, 3);
    expect(samples.filter((sample) => sample.split === 'train')).toHaveLength(12);
  });

  it('takes whole groups where they fit, and cuts one to reach the number', () => {
    const albums = datasetOf(Array.from({ length: 40 }, (_, index) => ({ label: 0, group: `${index >> 2}` })));
    const sizes = (count: number): number[] => {
      const members = subset(albums, count, 1).samples.map(({ group }) => group!);
      return [...new Set(members)].map((group) => members.filter((member) => member === group).length).toSorted();
    };
    expect(sizes(12)).toEqual([4, 4, 4]);
    expect(sizes(14).filter((size) => size === 4)).toHaveLength(3);
  });

  it('refuses a number that is none', () => {
    expect(() => subset(DATASET, 0, 1)).toThrow(ConfigError);
    expect(() => subset(DATASET, 2.5, 1)).toThrow(/got 2.5/);
  });
});
