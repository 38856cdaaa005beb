import type { RunCalibration } from '../evaluation/calibrate.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import { shownPath } from './shown-path.js';
import { counted, withCommas } from './style.js';

/** What must be known to read the figures of a split. */
export function evaluationNotes({ split, protocol, between, leaks, nearCopies, unknownRuns, temperature }: Evaluation): string[] {
  const notes: string[] = [];
  if (between > 0) notes.push(`${counted(between, 'picture')} more between two bands: only the error in years counts them`);
  if (protocol === 'report') notes.push("By the report's protocol: pictures varied at random as in training");
  if (leaks !== null && (leaks.groups > 0 || protocol === 'report')) {
    const { groups, ofGroups, pictures, ofPictures } = leaks;
    const shown = `${withCommas(groups)} of ${counted(ofGroups, 'subject')} (${withCommas(pictures)} of ${counted(ofPictures, 'picture')})`;
    notes.push(groups > 0 ? `Warning: ${shown} were seen in training: these figures are too good` : `${shown} were seen in training`);
  }
  if (leaks === null && protocol === 'report' && split !== 'train') {
    notes.push('Warning: the data name no subjects, so nobody knows how many of these were seen in training');
  }
  if (nearCopies !== null && nearCopies.pictures > 0) {
    const shown = `${withCommas(nearCopies.pictures)} of ${counted(nearCopies.ofPictures, 'picture')}`;
    notes.push(`Warning: ${shown} are near copies of training pictures: these figures are too good`);
  }
  if (nearCopies !== null && nearCopies.unread > 0) {
    notes.push(`Warning: ${counted(nearCopies.unread, 'training picture')} could not be read and so not be compared`);
  }
  if (unknownRuns.length > 0) {
    notes.push(`Warning: what ${unknownRuns.map(shownPath).join(', ')} was trained on is not known; these pictures may be among it`);
  }
  if (temperature?.fittedHere === true) {
    notes.push('Warning: the temperature was fitted on these pictures, so loss and calibration error are too good');
  }
  return notes;
}

/** What a calibration has done. */
export function calibrationText(fitted: RunCalibration): string {
  const { temperature, offsets, ages, pictures, before, after, atBound, written } = fitted;
  const change = (name: 'loss' | 'calibrationError'): string => `${before[name].toFixed(4)} to ${after[name].toFixed(4)}`;
  return [
    `Temperature ${temperature.toFixed(3)}, fitted on ${ages === undefined ? '' : 'the ages of '}${counted(ages ?? pictures, 'validation picture')}: ` +
      `loss ${change('loss')}, calibration error ${change('calibrationError')}`,
    ...(offsets === undefined ? [] : [`Logits adjusted before by ${offsets.map((offset) => offset.toFixed(2)).join(', ')}`]),
    ...(atBound ? ['Warning: it is at the bound of what is tried; there may be too few validation pictures'] : []),
    `Written: ${written.map(shownPath).join(', ')}`,
  ].join('\n');
}
