import { expect, it } from 'vitest';
import { EngineError } from '../base/errors.js';
import { judge } from './judge.js';

const classes = ['0-2', '4-6', '8-13'];

it('says everything about predictions', () => {
  const samples = [
    { file: 'a', label: 0, age: 1, group: 'p' },
    { file: 'b', label: 1, group: 'p' },
    { file: 'c', label: 2 },
    { file: 'd', label: 1 },
  ];
  const probabilities = Float32Array.of(...[0.75, 0.25, 0], ...[0.5, 0.25, 0.25], ...[0.875, 0.125, 0], ...[0, 1, 0]);
  const judgement = judge(samples, { probabilities }, classes);
  expect(judgement).toMatchObject({ pictures: 4, subjects: 3, accuracy: 0.5, ageError: { years: 1, pictures: 1 } });
  expect(judgement.worstMistakes).toEqual([
    { file: 'c', label: '8-13', predicted: '0-2', probability: 0.875, labelProbability: 0 },
    { file: 'b', label: '4-6', predicted: '0-2', probability: 0.5, labelProbability: 0.25 },
  ]);
  // Confidence less accuracy: 0.75 - 1, 0.5 - 0, 0.875 - 0 and 1 - 1, each in a bin of its own.
  expect(judgement.calibration.error).toBeCloseTo((0.25 + 0.5 + 0.875) / 4, 12);
  expect(judgement.intervals!.accuracy.low).toBeLessThan(0.5);
});

it('says what cannot be said', () => {
  const judgement = judge([{ file: 'a', label: 0 }], { probabilities: Float32Array.of(1, 0, 0) }, classes);
  expect(judgement).toMatchObject({ intervals: null, ageError: null, worstMistakes: [], subjects: 1 });
});

it('leaves the pictures between two bands to the error in years', () => {
  const samples = [
    { file: 'a', label: 0, age: 1 },
    { file: 'b', label: 1, age: 7.5 },
    { file: 'c', label: 1 },
  ];
  const probabilities = Float32Array.of(...[1, 0, 0], ...[1, 0, 0], ...[0, 1, 0]);
  const judgement = judge(samples, { probabilities }, classes);
  expect(judgement).toMatchObject({ pictures: 2, subjects: 2, between: 1, accuracy: 1, worstMistakes: [] });
  expect(judgement.ageError).toMatchObject({ pictures: 2, years: 6.5 / 2 });
});

it('lists as many mistakes as are asked for', () => {
  const samples = [{ file: 'a', label: 1 }, { file: 'b', label: 2 }];
  const probabilities = Float32Array.of(...[1, 0, 0], ...[0.75, 0, 0.25]);
  expect(judge(samples, { probabilities }, classes, 1).worstMistakes.map(({ file }) => file)).toEqual(['a']);
});

it('names the picture of which the network makes no number', () => {
  const samples = [{ file: 'a.jpg', label: 1 }, { file: 'b.jpg', label: 2 }];
  const probabilities = Float32Array.of(...[1, 0, 0], ...[0.75, NaN, 0.25]);
  expect(() => judge(samples, { probabilities }, classes)).toThrow(EngineError);
  expect(() => judge(samples, { probabilities }, classes)).toThrow('b.jpg: the network gives NaN for 4-6');
});
