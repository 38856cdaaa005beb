import { DataError, PictureError } from '../../base/errors.js';
import { PURPOSE, randomStream } from '../../base/random.js';
import type { Problem, Sample, Split } from '../../data/sample.js';
import { subset } from '../../data/subset.js';
import type { MapMethod } from '../../explain/class-maps.js';
import { spreadMap } from '../../explain/heat-map.js';
import type { FaceFinder } from '../../faces/finder.js';
import { openFaceFinder } from '../../faces/finder.node.js';
import { blurPicture } from '../../images/blur.node.js';
import { decodePicture } from '../../images/decode.node.js';
import type { Picture } from '../../images/picture.js';
import { writePlanes } from '../../images/picture.js';
import { Session } from '../../runtime/session.node.js';
import { runModel } from '../../training/export.js';
import { Classifier } from '../classify.js';
import type { ExplainerOptions, PictureExplainer, PictureExplanation } from '../explain.js';
import { openExplainer } from '../explain.js';
import { measuredSamples, openMeasuredRun } from '../measured-data.js';
import { meanColour, pixelOrder, randomOrder, transition } from './curves.js';
import { areaShare, eyeMask, faceMask, massShare } from './regions.js';
import type { Curve, CurvePair, FaithfulnessSummary, PictureMeasurement, RegionShares } from './summary.js';
import { summariseFaithfulness } from './summary.js';

export interface FaithfulnessOptions extends ExplainerOptions {
  /** Part of the data set; `test` by default. */
  readonly split?: Split;
  /** Folder that the file names of a manifest start from; its own folder by default. */
  readonly root?: string;
  /** Takes so many pictures of the part, drawn evenly over the bands; all by default. */
  readonly limit?: number;
  /** The band that is explained. Default: for each picture, the likeliest. */
  readonly band?: string;
}

/** How faithful the maps of a network are to it, over a part of a data set. */
export interface Faithfulness extends FaithfulnessSummary {
  readonly split: Split;
  readonly method: MapMethod;
  readonly layer: string;
  /** Pictures that the figures are made of. */
  readonly pictures: number;
  /** Pictures whose map is empty; they are in no figure. */
  readonly empty: number;
  /** Pictures in which no face was found; they are in the curves, but not in the shares of regions. */
  readonly withoutFace: number;
  /** What was measured on each picture. */
  readonly perPicture: readonly PictureMeasurement[];
  /** Pictures that could not be read. */
  readonly problems: readonly Problem[];
}

/** Into how many steps a curve divides the pixels. */
const STEPS = 20;
/** Standard deviation of the blur that insertion starts from, in sides of the picture: no feature of a face is left. */
const BLUR = 1 / 16;
/** The same for every measurement, so that two runs are compared on the same random orders. */
const SEED = 1;

/** What a measurement works with. */
interface Tools {
  readonly explainer: PictureExplainer;
  readonly classifier: Classifier;
  readonly finder: FaceFinder;
}

/**
 * Measures whether what maps mark is what the network goes by, by deletion and insertion (see `curves.ts`) against
 * replacing the same number of pixels in random order, and how much of the maps lies on the face and around the eyes.
 * Deleted pixels take the mean colour of their picture; insertion starts from the blurred picture.
 * @param data a data set in any form that `train` reads
 * @param onProgress is told how many pictures are done
 * @throws {DataError} when the split holds no readable pictures, or every map is empty
 * @throws as `openExplainer`
 */
export async function measureFaithfulness(
  run: string,
  data: string,
  options: FaithfulnessOptions = {},
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Faithfulness> {
  const { split = 'test', limit, band } = options;
  const measured = await openMeasuredRun(run, data, options.root);
  const all = measuredSamples(measured, split);
  const { samples } = limit === undefined ? { samples: all } : subset({ ...measured.dataset, samples: all }, limit, SEED);
  const tools = await openTools(run, options);
  try {
    const results: PictureMeasurement[] = [];
    const problems: Problem[] = [...measured.dataset.problems];
    let about: Pick<PictureExplanation, 'method' | 'layer'> | undefined;
    let empty = 0;
    for (const [index, sample] of samples.entries()) {
      try {
        const explanation = await tools.explainer.explain(sample.file, band);
        about = explanation;
        if (explanation.isEmpty) empty += 1;
        else results.push(await measureOne(tools, sample, explanation, index));
      } catch (error) {
        if (!(error instanceof PictureError)) throw error;
        problems.push({ file: error.file, reason: error.reason });
      }
      onProgress(index + 1, samples.length);
    }
    if (!about) throw new DataError(`${data}: none of the ${samples.length} pictures of the ${split} split can be read`);
    if (results.length === 0) {
      throw new DataError(`${data}: the maps of all ${empty} pictures of the ${split} split are empty`, {
        hint: 'Try grad-cam++, another layer or another band.',
      });
    }
    const withoutFace = results.filter(({ regions }) => regions === null).length;
    return {
      ...{ split, method: about.method, layer: about.layer, pictures: results.length, empty, withoutFace },
      ...summariseFaithfulness(results),
      ...{ perPicture: results, problems },
    };
  } finally {
    await Promise.all(Object.values(tools).map((tool: Tools[keyof Tools]) => tool.dispose()));
  }
}

async function openTools(run: string, options: ExplainerOptions): Promise<Tools> {
  const { checkpoint, threads } = options;
  const explainer = await openExplainer(run, options);
  const { classes, imageSize } = explainer;
  const model = await runModel(run, checkpoint === undefined ? {} : { checkpoint });
  const session = await Session.create(model, threads === undefined ? {} : { threads });
  return { explainer, classifier: new Classifier(session, { classes, imageSize }), finder: await openFaceFinder() };
}

/** @param index of the picture, which names its random orders */
async function measureOne(
  { classifier, finder }: Tools,
  { file, group }: Sample,
  { explained, map }: PictureExplanation,
  index: number,
): Promise<PictureMeasurement> {
  const { imageSize, classes } = classifier;
  const picture = await decodePicture(file, { width: imageSize, height: imageSize });
  const original = planesOf(picture);
  const blurred = planesOf(await blurPicture(picture, Math.max(0.3, BLUR * imageSize)));
  const spread = spreadMap(map, imageSize, imageSize);
  const orders = {
    map: pixelOrder(spread, randomStream(SEED, PURPOSE.explain, index, 0)),
    random: randomOrder(spread.length, randomStream(SEED, PURPOSE.explain, index, 1)),
  };
  const band = classes.indexOf(explained);
  const curve = async (from: Float32Array, to: Float32Array, order: Uint32Array): Promise<Curve> => {
    const probabilities = await classifier.probabilities(transition(from, to, order, STEPS));
    return Array.from({ length: STEPS + 1 }, (_, step) => probabilities[step * classes.length + band]!);
  };
  const pair = async (from: Float32Array, to: Float32Array): Promise<CurvePair> => ({
    map: await curve(from, to, orders.map),
    random: await curve(from, to, orders.random),
  });
  return {
    ...{ file, group, explained },
    deletion: await pair(original, meanColour(original)),
    insertion: await pair(blurred, original),
    regions: await regionsOf(finder, file, spread, imageSize),
  };
}

/** How much of a map lies on the largest face of the picture and on its eyes. */
async function regionsOf(
  finder: FaceFinder,
  file: string,
  spread: Float32Array,
  imageSize: number,
): Promise<PictureMeasurement['regions']> {
  const whole = await decodePicture(file);
  const [face] = await finder.find(whole);
  if (!face) return null;
  const frame = { width: whole.width, height: whole.height, imageSize };
  const shares = (mask: Uint8Array): RegionShares => ({ mass: massShare(spread, mask) ?? 0, area: areaShare(mask) });
  return { face: shares(faceMask(face, frame)), eyes: shares(eyeMask(face, frame)) };
}

function planesOf(picture: Picture): Float32Array {
  const planes = new Float32Array(3 * picture.width * picture.height);
  writePlanes(picture, planes);
  return planes;
}
