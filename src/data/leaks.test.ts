import { describe, expect, it } from 'vitest';
import { groupIndices } from './groups.js';
import { countLeaks, findLeaks } from './leaks.js';

const SPLITS = ['train', 'test', 'test', 'train', 'valid', undefined, 'test', 'test'];
const GROUPS = groupIndices(['a', 'a', 'a', 'b', 'b', 'c', 'c', undefined]);

describe('findLeaks', () => {
  it('names the groups in more than one split', () => {
    expect(findLeaks(SPLITS, GROUPS)).toEqual([
      { members: [0, 1, 2], splits: ['train', 'test'] },
      { members: [3, 4], splits: ['train', 'valid'] },
    ]);
    expect(findLeaks(['1', '1'], [[0, 1]])).toEqual([]);
  });
});

describe('countLeaks', () => {
  it('counts what of one split is in another', () => {
    // Of test: a (2 pictures, also in training), c (1) and the picture without a group.
    expect(countLeaks(SPLITS, GROUPS, 'test', 'train')).toEqual({ groups: 1, ofGroups: 3, pictures: 2, ofPictures: 4 });
    expect(countLeaks(SPLITS, GROUPS, 'valid', 'train')).toEqual({
      groups: 1,
      ofGroups: 1,
      pictures: 1,
      ofPictures: 1,
    });
    expect(countLeaks(SPLITS, GROUPS, 'valid', 'test')).toEqual({ groups: 0, ofGroups: 1, pictures: 0, ofPictures: 1 });
  });
});
