import { expect, it } from 'vitest';
import type { Evaluation } from '../evaluation/evaluate.js';
import { splitsText } from './evaluation-splits-text.js';
import { calibrationText, evaluationNotes } from './evaluation-notes.js';
import { evaluationText } from './evaluation-text.js';

const evaluation: Evaluation = {
  split: 'test',
  protocol: 'plain',
  pictures: 1234,
  loss: 1.5,
  accuracy: 0.45678,
  oneOff: 0.9,
  majority: 0.25,
  perClass: [
    { name: '0-2', precision: 0.5, recall: 1, f1: 2 / 3, support: 1234 },
    { name: '60+', precision: 0, recall: null, f1: null, support: 0 },
  ],
  confusion: [
    [617, 617],
    [0, 0],
  ],
  confusionShares: [
    [0.5, 0.5],
    [null, null],
  ],
  problems: [],
  balancedAccuracy: 0.5,
  meanClassError: 0.75,
  ...{ calibration: { error: 0.0625, bins: [] }, calibrationInterval: null },
  intervals: null,
  subjects: 1234,
  between: 0,
  ageError: null,
  worstMistakes: [],
  leaks: null,
  nearCopies: null,
  unknownRuns: [],
  temperature: null,
  by: [],
};
const interval = { low: 0.125, high: 0.875 };
const intervals = { loss: interval, accuracy: interval, oneOff: interval, balancedAccuracy: interval, meanClassError: interval };
const mistake = { label: '0-2', predicted: '60+', probability: 0.9375, labelProbability: 0 };

it('prints the figures as tables and a dash for an undefined score', () => {
  const text = evaluationText(evaluation);
  expect(text.split('\n')).toEqual([
    'test: 1,234 pictures',
    'loss                 1.5000',
    'accuracy             0.4568 (always naming the most frequent band: 0.2500)',
    'one-off accuracy     0.9000',
    'balanced accuracy    0.5000',
    'mean error in bands  0.7500',
    'calibration error    0.0625',
    '',
    '           precision    recall        f1  pictures',
    '       0-2     0.500     1.000     0.667      1234',
    '       60+     0.000         -         -         0',
    '',
    'Confusion (rows: true band, columns: predicted band)',
    '              0-2    60+',
    '       0-2    617    617',
    '       60+      0      0',
    '',
    'Confusion in % of the true band',
    '              0-2    60+',
    '       0-2   50.0   50.0',
    '       60+      -      -',
  ]);
});

it('prints intervals, years, leaks and the worst mistakes where there are any', () => {
  const text = evaluationText({
    ...evaluation,
    ...{ subjects: 77, intervals, calibrationInterval: { low: 0.0125, high: 0.125 } },
    ...{ ageError: { years: 5.25, pictures: 1, interval, withinPercentiles: 0.8125 }, between: 1 },
    leaks: { groups: 1, ofGroups: 77, pictures: 3, ofPictures: 1234 },
    worstMistakes: [{ file: '/a.jpg', ...mistake }],
  });
  expect(text).toContain('test: 1,234 pictures of 77 subjects\n1 picture more between two bands: only the error in years counts them\nWarning: 1 of 77 subjects (3 of 1,234 pictures) were seen in training');
  expect(text).toContain('accuracy             0.4568  [0.1250, 0.8750] (always naming');
  expect(text).toContain('mean error in years  5.25  [0.13, 0.88] (1 picture of known age, 81.3 % within the 10th to 90th percentile)');
  expect(text).toContain('calibration error    0.0625  [0.0125, 0.1250]\n');
  expect(text).toMatch(/Worst mistakes\n {2}0-2 taken for 60\+ \(0\.938\): \/a\.jpg$/);
});

it('lists five of the worst mistakes, or as many as it is asked to', () => {
  const worstMistakes = Array.from({ length: 20 }, () => ({ file: '/a.jpg', ...mistake }));
  const listed = (worst?: number): number => evaluationText({ ...evaluation, worstMistakes }, worst).split('taken for').length - 1;
  expect([listed(), listed(1), listed(20)]).toEqual([5, 1, 20]);
});

it('prints the figures that a temperature has changed beside those before', () => {
  const temperature = { value: 1.5, isAdjusted: false, before: { loss: 2, calibrationError: 0.25 }, fittedHere: false };
  const text = evaluationText({ ...evaluation, intervals, temperature });
  expect(text).toContain('loss                 1.5000  [0.1250, 0.8750] (2.0000 before the temperature of 1.500)\n');
  expect(text).toContain('calibration error    0.0625 (0.2500 before the temperature of 1.500)\n');
  expect(evaluationText({ ...evaluation, temperature: { ...temperature, fittedHere: true } })).toContain(
    'Warning: the temperature was fitted on these pictures, so loss and calibration error are too good\n',
  );
});

it('prints a line for each value of a column', () => {
  const { worstMistakes: _, ...figures } = evaluation;
  const values = [
    { value: 'f', ...figures, intervals, ageError: { years: 12.345, pictures: 9, interval: null, withinPercentiles: null } },
    { value: null, ...figures, pictures: 1 },
  ];
  const lines = evaluationText({ ...evaluation, by: [{ column: 'gender', values }] }).split('\n');
  expect(lines.slice(-3)).toEqual([
    'By gender  pictures   loss  accuracy                  one-off  balanced  bands off  years off  calibration',
    'f             1,234  1.500     0.457  [0.125, 0.875]    0.900     0.500      0.750      12.35        0.063',
    'none              1  1.500     0.457                    0.900     0.500      0.750          -        0.063',
  ]);
});

it('prints several splits side by side', () => {
  const train: Evaluation = { ...evaluation, split: 'train', intervals, ageError: { years: 9, pictures: 3, interval: null, withinPercentiles: null } };
  expect(splitsText([train, { ...evaluation, pictures: 5 }]).split('\n')).toEqual([
    '                                train    test',
    'pictures                        1,234       5',
    'loss                           1.5000  1.5000',
    '                     [0.1250, 0.8750]',
    'accuracy                       0.4568  0.4568',
    '                     [0.1250, 0.8750]',
    'one-off accuracy               0.9000  0.9000',
    '                     [0.1250, 0.8750]',
    'balanced accuracy              0.5000  0.5000',
    '                     [0.1250, 0.8750]',
    'mean error in bands            0.7500  0.7500',
    '                     [0.1250, 0.8750]',
    'mean error in years              9.00       -',
    'calibration error              0.0625  0.0625',
    'most frequent band             0.2500  0.2500',
    'In brackets: 95 % intervals, subjects drawn again',
  ]);
});

it('says what must be known to read the figures', () => {
  const nearCopies = { pictures: 2, ofPictures: 9, copies: [], unread: 3 };
  expect(evaluationNotes({ ...evaluation, nearCopies })).toEqual([
    'Warning: 2 of 9 pictures are near copies of training pictures: these figures are too good',
    'Warning: 3 training pictures could not be read and so not be compared',
  ]);
  const leaks = { groups: 0, ofGroups: 7, pictures: 0, ofPictures: 9 };
  expect(evaluationNotes({ ...evaluation, leaks })).toEqual([]);
  const varied = "By the report's protocol: pictures varied at random as in training";
  expect(evaluationNotes({ ...evaluation, leaks, protocol: 'report' })).toEqual([
    varied,
    '0 of 7 subjects (0 of 9 pictures) were seen in training',
  ]);
  expect(evaluationNotes({ ...evaluation, protocol: 'report' })).toEqual([
    varied,
    'Warning: the data name no subjects, so nobody knows how many of these were seen in training',
  ]);
});

it('says what a calibration has done', () => {
  const [before, after] = [{ loss: 2, calibrationError: 0.25 }, { loss: 1.5, calibrationError: 0.125 }];
  const fitted = { temperature: 1.25, data: '/d', pictures: 9, before, after, checkpoint: 'best', atBound: false } as const;
  expect(calibrationText({ ...fitted, written: ['/a', '/b'] })).toBe(
    'Temperature 1.250, fitted on 9 validation pictures: loss 2.0000 to 1.5000, calibration error 0.2500 to 0.1250\nWritten: /a, /b',
  );
  expect(calibrationText({ ...fitted, atBound: true, written: [] })).toContain('\nWarning: it is at the bound');
});
