import type { WrittenExplanation } from '../evaluation/write-explanations.js';

/** What was written of a picture, and what the network says, in one line. */
export function explanationText(written: WrittenExplanation): string {
  const { file, band, explained, probabilities, isEmpty, figure } = written;
  const share = (name: string): string =>
    `${name} (${(100 * probabilities.find((entry) => entry.band === name)!.probability).toFixed(1)} %)`;
  const bands = explained === band ? share(band) : `${share(explained)}, predicted ${share(band)}`;
  return `${file}: ${bands}${isEmpty ? ', the map is empty: nothing speaks for it' : ''} -> ${figure}`;
}
