import { PictureError } from '../../base/errors.js';
import type { Classifier, Prediction } from '../../evaluation/classify.js';
import type { BandPrediction } from '../../evaluation/face-classifier.js';
import { NO_FILE, sourceState } from '../file-state.js';
import type { PictureOrigin } from '../source-pictures.js';
import { SourcePictures } from '../source-pictures.js';
import type { PredictionRecord } from './record.js';

/** One picture to classify. */
export interface PredictItem {
  /** Its path in the source, with `/`, or its address. */
  readonly file: string;
}

/** Classifies pictures of a folder, with a record for those that cannot be read as well. */
export class Predictor {
  readonly #classifier: Pick<Classifier, 'classify'>;
  readonly #root: string;
  readonly #pictures: SourcePictures;

  constructor(classifier: Pick<Classifier, 'classify'>, origin: PictureOrigin) {
    this.#classifier = classifier;
    this.#root = origin.root;
    this.#pictures = new SourcePictures(origin);
  }

  async predict({ file }: PredictItem): Promise<PredictionRecord> {
    const state = await sourceState(this.#root, file);
    try {
      const [result] = await this.#pictures.use(file, (picture) => this.#classifier.classify([picture]));
      return 'error' in result! ? { file, state, error: result.error } : { file, state, ...sayingOf(result!) };
    } catch (error) {
      // It could not be fetched.
      if (!(error instanceof PictureError)) throw error;
      return { file, state, error: error.reason };
    }
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
