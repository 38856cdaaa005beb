import { join } from 'node:path';
import type { Classifier, Prediction } from '../../evaluation/classify.js';
import type { BandPrediction } from '../../evaluation/face-classifier.js';
import { fileState, NO_FILE } from '../file-state.js';
import type { PredictionRecord } from './record.js';

/** One picture to classify. */
export interface PredictItem {
  /** Its path in the source, with `/`. */
  readonly file: string;
}

/** Classifies pictures of a folder, with a record for those that cannot be read as well. */
export class Predictor {
  readonly #classifier: Pick<Classifier, 'classify'>;
  readonly #root: string;

  constructor(classifier: Pick<Classifier, 'classify'>, root: string) {
    this.#classifier = classifier;
    this.#root = root;
  }

  async predict({ file }: PredictItem): Promise<PredictionRecord> {
    const path = join(this.#root, file);
    const state = await fileState(path);
    const [result] = await this.#classifier.classify([path]);
    return 'error' in result! ? { file, state, error: result.error } : { file, state, ...sayingOf(result!) };
  }
}

/** The record of a picture that could not be done at all. */
export function undonePrediction({ file }: PredictItem, error: string): PredictionRecord {
  return { file, state: NO_FILE, error };
}

function sayingOf({ faces, ...whole }: Prediction): Pick<PredictionRecord, 'whole' | 'faces'> {
  const found = faces?.map(({ box, ...face }) => ({ box: { ...box }, ...plain(face) }));
  return { whole: plain(whole), ...(found === undefined ? {} : { faces: found }) };
}

function plain({ band, probabilities, age }: BandPrediction): NonNullable<PredictionRecord['whole']> {
  return { band, probabilities: probabilities.map(({ probability }) => probability), age: age && { ...age } };
}
