import { ageText } from '../base/expected-age.js';
import type { Prediction } from '../evaluation/classify.js';
import type { BandPrediction } from '../evaluation/face-classifier.js';
import { styled, type Output } from './style.js';

const BAR_WIDTH = 30;
/** A block character for each eighth of a cell. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A picture's band and a bar chart of the probabilities of all bands, or those of each of its faces. */
export function predictionText({ file, faces, ...whole }: Prediction, output: Output): string {
  if (faces === undefined) return bandText(file, whole, output);
  if (faces.length === 0) return bandText(`${file}, no face found, as a whole`, whole, output);
  if (faces.length === 1) return bandText(file, faces[0]!, output);
  return faces.map((face, index) => bandText(`${file}, face ${index + 1} of ${faces.length}`, face, output)).join('\n');
}

function bandText(title: string, prediction: BandPrediction, output: Output): string {
  const width = Math.max(...prediction.probabilities.map(({ band }) => band.length));
  const lines = prediction.probabilities.map(({ band, probability }) => {
    const line = `  ${band.padStart(width)}  ${percent(probability)}  ${bar(probability)}`.trimEnd();
    return band === prediction.band ? styled('bold', line, output) : line;
  });
  const age = prediction.age === null ? '' : `, ${ageText(prediction.age)}`;
  return [`${title}: ${prediction.band}${age}`, ...lines].join('\n');
}

/** A fraction as a percentage of fixed width: ` 61.3 %`. */
function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1).padStart(5)} %`;
}

function bar(fraction: number): string {
  const eighths = Math.round(fraction * BAR_WIDTH * EIGHTHS.length);
  return '█'.repeat(Math.floor(eighths / EIGHTHS.length)) + EIGHTHS[eighths % EIGHTHS.length]!;
}
