import { expect, it } from 'vitest';
import { judgeLabel } from './adience-labels.js';
import type { AdienceLabels } from './adience-labels.js';
import type { BetweenRule } from './source.js';

function told(label: string, labels: AdienceLabels = 'mended', between: BetweenRule = 'keep'): unknown[] {
  const judged = judgeLabel(label, labels, between);
  return judged.outcome === 'dropped' ? ['dropped'] : [judged.outcome, judged.known.band, judged.known.age];
}

it('keeps the eight labels', () => {
  const labels = ['(0, 2)', '(4, 6)', '(8, 12)', '(15, 20)', '(25, 32)', '(38, 43)', '(48, 53)', '(60, 100)'];
  const bands = ['0-2', '4-6', '8-13', '15-20', '25-32', '38-43', '48-53', '60+'];
  for (const which of ['mended', 'published'] as const) {
    expect(labels.map((label) => told(label, which))).toEqual(bands.map((band) => ['kept', band, undefined]));
  }
});

it('mends the typo, unless the labels are to be as published', () => {
  expect(told('(25, 23)')).toEqual(['mended', '25-32', undefined]);
  expect(told('(25, 23)', 'published')).toEqual(['dropped']);
});

it('treats single years by the rule for ages between bands', () => {
  expect(told('35')).toEqual(['age only', undefined, 35]);
  expect(told('13')).toEqual(['age only', undefined, 13]);
  expect(told('35', 'mended', 'nearest')).toEqual(['nearest', '25-32', 35]);
  expect(told('13', 'mended', 'nearest')).toEqual(['nearest', '8-13', 13]);
  expect(told('35', 'mended', 'drop')).toEqual(['dropped']);
  expect(told('35', 'published')).toEqual(['dropped']);
  expect(told('999')).toEqual(['dropped']);
});

it('drops what tells no band, with the reason', () => {
  for (const label of ['(27, 32)', '(38, 42)', '(38, 48)', '(8, 23)', 'None', '', 'adult']) {
    expect(told(label)).toEqual(['dropped']);
  }
  expect(judgeLabel('None', 'mended', 'keep')).toEqual({ outcome: 'dropped', reason: 'there is no age' });
  expect(judgeLabel('(8, 23)', 'mended', 'keep')).toEqual({
    outcome: 'dropped',
    reason: 'the age (8, 23) is not one of the eight bands',
  });
});
