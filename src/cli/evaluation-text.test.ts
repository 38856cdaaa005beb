import { expect, it } from 'vitest';
import { evaluationText } from './evaluation-text.js';

it('prints the figures as tables and a dash for an undefined score', () => {
  const text = evaluationText({
    split: 'test',
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
    problems: [],
  });
  expect(text.split('\n')).toEqual([
    'test: 1,234 pictures',
    'loss              1.5000',
    'accuracy          0.4568 (always naming the most frequent band: 0.2500)',
    'one-off accuracy  0.9000',
    '',
    '           precision    recall        f1  pictures',
    '       0-2     0.500     1.000     0.667      1234',
    '       60+     0.000         -         -         0',
    '',
    'Confusion (rows: true band, columns: predicted band)',
    '                 0-2       60+',
    '       0-2       617       617',
    '       60+         0         0',
  ]);
});
