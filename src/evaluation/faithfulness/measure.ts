import { DataError, PictureError } from '../../base/errors.js';
import { PURPOSE, randomStream } from '../../base/random.js';
import type { HostTensor } from '../../base/tensor.js';
import { floatTensor } from '../../base/tensor.js';
import type { Problem, Sample, Split } from '../../data/sample.js';
import { subset } from '../../data/subset.js';
import type { MapMethod } from '../../explain/map-methods.js';
import { normaliseMap, spreadMap } from '../../explain/heat-map.js';
import type { FaceFinder } from '../../faces/finder.js';
import { openFaceFinder } from '../../faces/finder.node.js';
import { blurPicture } from '../../images/blur.node.js';
import { decodePicture } from '../../images/decode.node.js';
import type { Picture } from '../../images/picture.js';
import { writePlanes } from '../../images/picture.js';
import { chooseDevice } from '../../runtime/choose-device.node.js';
import { Session } from '../../runtime/session.node.js';
import { parameterSpecs } from '../../nn/network.js';
import type { TrainedNetwork } from '../../nn/network.js';
import { digestOf } from '../../training/calibration.js';
import { loadCalibrated } from '../../training/export.js';
import { inferenceModel } from '../../training/inference-model.js';
import { Classifier } from '../classify.js';
import type { ExplainerOptions, PictureExplainer } from '../explain.js';
import { explainerOf } from '../explain.js';
import { measuredSamples, openMeasuredRun } from '../measured-data.js';
import { pictureDigest } from '../run-cache.js';
import { meanColour, pixelOrder, randomOrder, transition } from './curves.js';
import { areaShare, eyeMask, faceMask, massShare } from './regions.js';
import type { Curves, KeptOutcomes, PictureMeasurement, PictureOutcome, RegionShares } from './outcome.js';
import { rankCorrelation } from './rank-correlation.js';
import type { FaithfulnessSummary } from './summary.js';
import { summariseFaithfulness } from './summary.js';

export interface FaithfulnessOptions extends Omit<ExplainerOptions, 'model'> {
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

/** Changes when what is measured on a picture does. */
const VERSION = 1;

/** What a measurement works with. */
interface Tools {
  readonly explainer: PictureExplainer;
  /** Explains the same network with random weights. */
  readonly control: PictureExplainer;
  readonly classifier: Classifier;
  readonly finder: FaceFinder;
}

/**
 * Measures whether what maps mark is what the network goes by, by deletion and insertion (see `curves.ts`) against
 * replacing the same number of pixels in random order, and in the order of the maps that the same network gives with random
 * weights (Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018); and how much of the maps lies on the face and
 * around the eyes. Deleted pixels take the mean colour of their picture; insertion starts from the blurred picture.
 * @param data a data set in any form that `train` reads
 * @param onProgress is told how many pictures are done
 * @param kept where what is measured on each picture is kept, and taken from; nowhere by default
 * @throws {DataError} when the split holds no readable pictures, or every map is empty
 * @throws as `openExplainer`
 */
export async function measureFaithfulness(
  run: string,
  data: string,
  options: FaithfulnessOptions = {},
  onProgress: (done: number, total: number) => void = () => undefined,
  kept?: KeptOutcomes,
): Promise<Faithfulness> {
  const { split = 'test', limit, band } = options;
  const measured = await openMeasuredRun(run, data, options.root);
  const all = measuredSamples(measured, split);
  const { samples } = limit === undefined ? { samples: all } : subset({ ...measured.dataset, samples: all }, limit, SEED);
  const network = await loadCalibrated(run, options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint });
  const tools = await openTools(network, options);
  try {
    const { method, layer } = tools.explainer;
    const about = { VERSION, weights: digestOf(network.weights), calibration: network.calibration, method, layer, band };
    const outcomes: PictureOutcome[] = [];
    const problems: Problem[] = [...measured.dataset.problems];
    for (const [index, sample] of samples.entries()) {
      try {
        const key = await pictureDigest({ ...about, index }, [sample]);
        const before = kept?.get(key);
        const outcome = before ?? (await measureOne(tools, sample, band, index));
        if (before === undefined) await kept?.add(key, outcome);
        outcomes.push(outcome);
      } catch (error) {
        if (!(error instanceof PictureError)) throw error;
        problems.push({ file: error.file, reason: error.reason });
      }
      onProgress(index + 1, samples.length);
    }
    if (outcomes.length === 0) {
      const reason = problems.map((problem) => `; ${problem.file}: ${problem.reason}`)[0] ?? '';
      throw new DataError(`${data}: none of the ${samples.length} pictures of the ${split} split can be read${reason}`, {
        hint: 'Check that the data set is in its place, and that you may read it.',
      });
    }
    const results = outcomes.filter((outcome) => outcome !== 'empty');
    const empty = outcomes.length - results.length;
    if (results.length === 0) {
      throw new DataError(`${data}: the maps of all ${empty} pictures of the ${split} split are empty`, {
        hint: 'Try grad-cam++, another layer or another band.',
      });
    }
    const withoutFace = results.filter(({ regions }) => regions === null).length;
    return {
      ...{ split, method, layer, pictures: results.length, empty, withoutFace },
      ...summariseFaithfulness(results),
      ...{ perPicture: results, problems },
    };
  } finally {
    await Promise.all(Object.values(tools).map((tool: Tools[keyof Tools]) => tool.dispose()));
  }
}

async function openTools(network: TrainedNetwork, options: ExplainerOptions): Promise<Tools> {
  const { threads } = options;
  const { classes, imageSize } = network;
  const device = await chooseDevice(options.device ?? 'cpu');
  const explainer = await explainerOf(network, { ...options, device });
  const control = await explainerOf({ ...network, weights: randomWeights(network) }, { ...options, device });
  const session = await Session.create(inferenceModel(network), { device, ...(threads === undefined ? {} : { threads }) });
  return { explainer, control, classifier: new Classifier(session, { classes, imageSize }), finder: await openFaceFinder({ device }) };
}

/** Weights of a network as they are before training. */
function randomWeights({ network, imageSize, classes }: TrainedNetwork): Map<string, HostTensor> {
  const specs = parameterSpecs(network, { imageSize, classes: classes.length });
  return new Map(
    specs.map(({ name, shape, initialise }, index) => {
      return [name, floatTensor(initialise(shape, randomStream(SEED, PURPOSE.initialise, index)), shape)];
    }),
  );
}

/** @param index of the picture, which names its random orders */
async function measureOne(
  { explainer, control, classifier, finder }: Tools,
  { file, group }: Sample,
  wanted: string | undefined,
  index: number,
): Promise<PictureOutcome> {
  const { imageSize, classes } = classifier;
  const picture = await decodePicture(file, { width: imageSize, height: imageSize });
  const { explained, map, isEmpty } = await explainer.explainInput(picture, wanted);
  if (isEmpty) return 'empty';
  const { map: controlMap } = await control.explainInput(picture, explained);
  const original = planesOf(picture);
  const blurred = planesOf(await blurPicture(picture, Math.max(0.3, BLUR * imageSize)));
  const [spread, controlSpread] = [map, controlMap].map((values) => spreadMap(values, imageSize, imageSize)) as [Float32Array, Float32Array];
  const orders = {
    map: pixelOrder(spread, randomStream(SEED, PURPOSE.explain, index, 0)),
    random: randomOrder(spread.length, randomStream(SEED, PURPOSE.explain, index, 1)),
    // Where that map is empty, this order is random too.
    control: pixelOrder(controlSpread, randomStream(SEED, PURPOSE.explain, index, 2)),
  };
  const band = classes.indexOf(explained);
  const curve = async (from: Float32Array, to: Float32Array, order: Uint32Array): Promise<number[]> => {
    const probabilities = await classifier.probabilities(transition(from, to, order, STEPS));
    return Array.from({ length: STEPS + 1 }, (_, step) => probabilities[step * classes.length + band]!);
  };
  const curves = async (from: Float32Array, to: Float32Array): Promise<Record<keyof Curves, number[]>> => ({
    map: await curve(from, to, orders.map),
    random: await curve(from, to, orders.random),
    control: await curve(from, to, orders.control),
  });
  return {
    ...{ file, explained, likeness: rankCorrelation(normaliseMap(map), normaliseMap(controlMap)) },
    ...(group === undefined ? {} : { group }),
    deletion: await curves(original, meanColour(original)),
    insertion: await curves(blurred, original),
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
