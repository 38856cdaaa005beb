import type { Prediction } from '../evaluation/classify.js';
import { styled, type Output } from './style.js';

const BAR_WIDTH = 30;
/** A block character for each eighth of a cell. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A picture's band and a bar chart of the probabilities of all bands. */
export function predictionText(prediction: Prediction, output: Output): string {
  const width = Math.max(...prediction.probabilities.map(({ band }) => band.length));
  const lines = prediction.probabilities.map(({ band, probability }) => {
    const line = `  ${band.padStart(width)}  ${percent(probability)}  ${bar(probability)}`.trimEnd();
    return band === prediction.band ? styled('bold', line, output) : line;
  });
  return [`${prediction.file}: ${prediction.band}`, ...lines].join('\n');
}

/** A fraction as a percentage of fixed width: ` 61.3 %`. */
function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1).padStart(5)} %`;
}

function bar(fraction: number): string {
  const eighths = Math.round(fraction * BAR_WIDTH * EIGHTHS.length);
  return '█'.repeat(Math.floor(eighths / EIGHTHS.length)) + EIGHTHS[eighths % EIGHTHS.length]!;
}
