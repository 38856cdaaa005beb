import { PictureError } from '../../base/errors.js';
import type { Classifier } from '../../evaluation/classify.js';
import { openClassifier } from '../../evaluation/classify.js';
import type { BandPrediction, ClassifiedFace } from '../../evaluation/face-classifier.js';
import { classifyPictures, FaceClassifier } from '../../evaluation/face-classifier.js';
import { openFaceFinder } from '../../faces/finder.node.js';
import type { FaceFinder } from '../../faces/finder.js';
import { decodePicture, pictureSize } from '../../images/decode.node.js';
import type { Picture } from '../../images/picture.js';
import { pictureTypeOf } from '../../images/picture-type.js';
import type { Device } from '../../runtime/device.js';
import { MOST_PIXELS } from '../limits.js';
import type { FaceAnswer, PictureAnswer, PictureTask } from './task.js';

type Refusal = Extract<PictureAnswer, { refused: unknown }>;

/** Reads pictures that come from anyone, and tells the bands of what they show. */
export class PictureReader {
  readonly #classifier: Classifier;
  readonly #faces: FaceClassifier;

  private constructor(classifier: Classifier, finder: FaceFinder) {
    this.#classifier = classifier;
    this.#faces = new FaceClassifier(finder, classifier);
  }

  /** Opens a model and the face networks, for one thread. */
  static async open(model: string, device: Device): Promise<PictureReader> {
    const [classifier, finder] = await Promise.all([openClassifier({ model, threads: 1, device }), openFaceFinder({ device })]);
    return new PictureReader(classifier, finder);
  }

  /** The answers in the order of the pictures. Faces and whole pictures pass through the network together, each kind. */
  async answer(tasks: readonly PictureTask[]): Promise<PictureAnswer[]> {
    const read = await Promise.all(tasks.map((task) => this.#read(task)));
    const answers = new Map<number, PictureAnswer>();
    const pictures: { index: number; picture: Picture }[] = [];
    const wholes: { index: number; picture: Picture }[] = [];
    read.forEach((result, index) => {
      if ('refused' in result) answers.set(index, result);
      else (tasks[index]!.faces === 'all' ? pictures : wholes).push({ index, picture: result.picture });
    });
    const faces = await this.#faces.classifyFaces(pictures.map(({ picture }) => picture));
    pictures.forEach(({ index, picture: { width, height } }, place) => {
      answers.set(index, { width, height, faces: faces[place]!.map(faceAnswer) });
    });
    const predictions = await classifyPictures(this.#classifier, wholes.map(({ picture }) => picture));
    wholes.forEach(({ index }, place) => answers.set(index, { whole: predictions[place]! }));
    return tasks.map((_, index) => answers.get(index)!);
  }

  /** The pixels of a picture: as they are to find faces in, or of the network's size. */
  async #read({ bytes, faces }: PictureTask): Promise<{ picture: Picture } | Refusal> {
    const unsupported = unsupportedReason(bytes);
    if (unsupported !== undefined) return { refused: 'UNSUPPORTED_TYPE', reason: unsupported };
    try {
      const { width, height } = await pictureSize(bytes, Infinity);
      if (width * height > MOST_PIXELS) {
        const limit = `up to ${MOST_PIXELS / 1e6} million pixels are taken`;
        return { refused: 'TOO_LARGE', reason: `the picture has ${width} × ${height} pixels; ${limit}` };
      }
      const side = this.#classifier.imageSize;
      return { picture: await decodePicture(bytes, faces === 'all' ? {} : { width: side, height: side }) };
    } catch (error) {
      if (!(error instanceof PictureError)) throw error;
      return { refused: 'DAMAGED_PICTURE', reason: `the picture cannot be read: ${error.reason}` };
    }
  }
}

/** Why something is not decoded at all, told by its first bytes. */
function unsupportedReason(bytes: Uint8Array): string | undefined {
  const type = pictureTypeOf(bytes);
  if (type === 'heic') return 'HEIC pictures cannot be decoded here; convert it to JPEG';
  return type === undefined ? 'this is no picture in JPEG, PNG, WebP, AVIF, GIF or TIFF' : undefined;
}

function faceAnswer({ face: { box, score, roll }, ...prediction }: ClassifiedFace): FaceAnswer {
  return { box, score, roll, ...(prediction satisfies BandPrediction) };
}
