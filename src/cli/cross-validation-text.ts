import type { CrossValidation, FoldResult } from '../jobs/cross-validate/cross-validate.js';
import type { Figure, Figures } from '../jobs/cross-validate/summary.js';
import { FIGURES } from '../jobs/cross-validate/summary.js';
import { counted } from './style.js';
import { table } from './table.js';

const HEADINGS: Record<Figure, string> = {
  accuracy: 'accuracy',
  oneOff: 'one-off',
  balancedAccuracy: 'balanced',
  meanClassError: 'bands off',
  ageError: 'years off',
  loss: 'loss',
  calibrationError: 'calibration',
};

/** The figures of each fold, and their mean and standard deviation when all are done. */
export function crossValidationText({ folds, mean, standardDeviation, leaks, out, finished }: CrossValidation): string {
  const shown = FIGURES.filter((figure) => folds.some((fold) => fold[figure] !== null));
  const row = (name: string, pictures: string, epoch: string, figures: Figures): string[] => [
    ...[name, pictures, epoch],
    ...shown.map((figure) => figureText(figure, figures[figure])),
  ];
  const ofFold = (fold: FoldResult): Figures => ({ ...fold, ageError: fold.ageError?.years ?? null });
  const lines = table([
    ['fold', 'pictures', 'epoch', ...shown.map((figure) => HEADINGS[figure])],
    ...folds.map((fold) => row(foldName(fold), String(fold.pictures), String(fold.bestEpoch), ofFold(fold))),
    ...(mean === undefined || standardDeviation === undefined
      ? []
      : [row('mean', '', '', mean), row('±', '', '', standardDeviation)]),
  ]);
  if (folds.length === 0) lines.splice(0, lines.length, 'No fold is done yet');
  if (finished) lines.push('', '±: sample standard deviation over the folds (n − 1)', `Written: ${out}`);
  if (leaks > 0) lines.push(`Warning: ${counted(leaks, 'subject')} in more than one fold: these figures are too good`);
  return lines.join('\n');
}

function foldName({ fold, name }: FoldResult): string {
  return name === String(fold) ? name : `${fold} (${name})`;
}

function figureText(figure: Figure, value: number | null): string {
  if (value === null) return '-';
  return value.toFixed(figure === 'ageError' ? 2 : 4);
}
