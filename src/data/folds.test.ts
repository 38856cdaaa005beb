import { describe, expect, it } from 'vitest';
import { ConfigError, DataError } from '../base/errors.js';
import { drawFolds, publishedFolds, splitOfFold } from './folds.js';
import type { Dataset, Sample } from './sample.js';

function datasetOf(samples: readonly Omit<Sample, 'file'>[]): Dataset {
  const files = samples.map((sample, index) => ({ file: `/p/${index}.jpg`, ...sample }));
  return { root: '/p/m.csv', kind: 'manifest', classes: ['0-2', '60+'], samples: files, problems: [] };
}

/** Pictures of two classes in turn, two of each subject, in five folds of two subjects. */
const TWENTY = datasetOf(
  Array.from({ length: 20 }, (_, index) => ({
    ...{ label: index % 2, group: `s${Math.floor(index / 2)}`, fold: String(Math.floor(index / 4)) },
  })),
);

/** How many pictures of each class a split holds. */
const countsOf = ({ samples }: Dataset, split: string): number[] =>
  [0, 1].map((label) => samples.filter((sample) => sample.split === split && sample.label === label).length);

describe('published folds', () => {
  it('are those of the manifest, by their numbers', () => {
    const names = ['10', '9', '10', '2'];
    const folded = publishedFolds(datasetOf(names.map((fold) => ({ label: 0, fold }))));
    expect(folded).toMatchObject({ names: ['2', '9', '10'], folds: [2, 1, 2, 0], leaks: 0 });
  });

  it('leave out and report pictures without one', () => {
    const folded = publishedFolds(datasetOf([{ label: 0, fold: 'a' }, { label: 1 }, { label: 1, fold: 'b' }]));
    expect(folded.dataset.samples.map(({ file }) => file)).toEqual(['/p/0.jpg', '/p/2.jpg']);
    expect(folded.dataset.problems).toEqual([{ file: '/p/1.jpg', reason: 'left out: it has no fold' }]);
    expect(folded.folds).toEqual([0, 1]);
  });

  it('are refused where they part a subject, unless that is allowed', () => {
    const parted = datasetOf(['a', 'a', 'b'].map((group, index) => ({ label: 0, group, fold: String(index) })));
    expect(() => publishedFolds(parted)).toThrow(DataError);
    expect(() => publishedFolds(parted)).toThrow(
      '/p/m.csv: 1 of 2 subjects stand in more than one fold, as that of /p/0.jpg in 0 and 1',
    );
    expect(publishedFolds(parted, true)).toMatchObject({ names: ['0', '1', '2'], leaks: 1 });
  });

  it('must be two at least', () => {
    expect(() => publishedFolds(datasetOf([{ label: 0 }]))).toThrow('but there is no column `fold` with values');
    expect(() => publishedFolds(datasetOf([{ label: 0, fold: '3' }]))).toThrow('but there is only the fold 3');
  });
});

describe('drawn folds', () => {
  it('hold equal numbers of each class, whole subjects, and copies together', () => {
    const { samples } = TWENTY;
    const folded = drawFolds(TWENTY, 5, [[0, 19]], 1);
    expect(folded.names).toEqual(['1', '2', '3', '4', '5']);
    const placed = folded.names.map((_, fold) => samples.filter((_, index) => folded.folds[index] === fold));
    for (const members of placed) expect(members.map(({ label }) => label).toSorted()).toEqual([0, 0, 1, 1]);
    for (let index = 0; index < 20; index += 2) expect(folded.folds[index]).toBe(folded.folds[index + 1]);
    expect(folded.folds[0]).toBe(folded.folds[19]);
    expect(drawFolds(TWENTY, 5, [[0, 19]], 1)).toEqual(folded);
    expect(drawFolds(TWENTY, 5, [[0, 19]], 2).folds).not.toEqual(folded.folds);
  });

  it('are refused when there are too few subjects', () => {
    expect(() => drawFolds(TWENTY, 11, [], 1)).toThrow('/p/m.csv: only 10 of 11 folds get a picture');
  });
});

describe('the splits of a fold', () => {
  it('test on the fold, and validate on a share of all pictures with whole subjects of the others', () => {
    const folded = publishedFolds(TWENTY);
    for (const fold of [0, 1, 2, 3, 4]) {
      const split = splitOfFold(folded, fold, 0.2, 1);
      // 20 pictures, of which a fifth is 4: 2 of each class in the test and in the validation, 6 of each to train on.
      expect(['train', 'valid', 'test'].map((name) => countsOf(split, name))).toEqual([[6, 6], [2, 2], [2, 2]]);
      for (const sample of split.samples) expect(sample.split === 'test').toBe(sample.fold === String(fold));
      for (let index = 0; index < 20; index += 2) {
        expect(split.samples[index]!.split).toBe(split.samples[index + 1]!.split);
      }
    }
  });

  it('do without validation, and never take it from the test fold', () => {
    expect(countsOf(splitOfFold(publishedFolds(TWENTY), 0, 0, 1), 'valid')).toEqual([0, 0]);
    const two = drawFolds(TWENTY, 2, [], 1);
    expect(countsOf(splitOfFold(two, 0, 0.4, 1), 'valid')).toEqual([4, 4]);
    expect(countsOf(splitOfFold(two, 0, 0.4, 1), 'train')).toEqual([1, 1]);
  });

  it('are refused when nothing is left to train on, or to validate on', () => {
    const two = drawFolds(TWENTY, 2, [], 1);
    expect(() => splitOfFold(two, 0, 0.5, 1)).toThrow(ConfigError);
    expect(() => splitOfFold(two, 0, 0.5, 1)).toThrow('valid: beside the test fold 1, 0.5 of all pictures leaves none');
    const oneSubject = datasetOf(['a', 'b'].map((group) => ({ label: 0, group })));
    expect(() => splitOfFold(drawFolds(oneSubject, 2, [], 1), 0, 0.2, 1)).toThrow('no picture is left for the valid split');
  });
});
