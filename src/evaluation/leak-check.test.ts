import { describe, expect, it } from 'vitest';
import { DataError } from '../base/errors.js';
import type { Sample } from '../data/sample.js';
import { countKnown, requireNoLeaks } from './leak-check.js';

const sample = (file: string, group?: string): Sample => ({ file, label: 0, ...(group === undefined ? {} : { group }) });

describe('countKnown', () => {
  const trained = [sample('/1.jpg'), sample('/5.jpg', 'anna')];

  it('counts whole subjects: by a name, or by one of their files', () => {
    const samples = [
      ...[sample('/a.jpg', 'anna'), sample('/b.jpg', 'ben'), sample('/5.jpg', 'ben')],
      ...[sample('/c.jpg', 'carl'), sample('/d.jpg'), sample('/1.jpg')],
    ];
    expect(countKnown(samples, trained)).toEqual({ groups: 3, ofGroups: 5, pictures: 4, ofPictures: 6 });
  });

  it('knows nothing where no subjects are named, but for files that were trained on', () => {
    expect(countKnown([sample('/a.jpg'), sample('/b.jpg')], trained)).toBeNull();
    expect(countKnown([sample('/a.jpg'), sample('/1.jpg')], trained)).toEqual({ groups: 1, ofGroups: 2, pictures: 1, ofPictures: 2 });
    expect(countKnown([sample('/a.jpg', 'ben')], trained)).toEqual({ groups: 0, ofGroups: 1, pictures: 0, ofPictures: 1 });
  });
});

it('a split is refused when it shows anybody who was trained on', () => {
  const counts = { groups: 1, ofGroups: 5, pictures: 2, ofPictures: 9 };
  const refuse = (split: 'test' | null): void => requireNoLeaks('faces.csv', split, counts);
  expect(() => refuse('test')).toThrow(DataError);
  expect(() => refuse('test')).toThrow('faces.csv: 1 of 5 subjects of the test split (2 of 9 pictures) were seen in training');
  expect(() => refuse(null)).toThrow('faces.csv: 1 of 5 subjects (2 of 9 pictures) were seen in training');
  expect(() => requireNoLeaks('faces.csv', 'test', { ...counts, groups: 0, pictures: 0 })).not.toThrow();
  expect(() => requireNoLeaks('faces.csv', 'test', null)).not.toThrow();
});
