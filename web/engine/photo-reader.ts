import { spreadMap, isEmptyMap } from '../../src/explain/heat-map.js';
import { HEAT_COLOURS } from '../../src/explain/overlay.js';
import type { Explainer } from '../../src/explain/explainer.js';
import { openExplainer } from '../../src/explain/explainer.web.js';
import type { FaceFinder } from '../../src/faces/finder.js';
import { openFaceFinder } from '../../src/faces/finder.web.js';
import { faceForNetwork } from '../../src/faces/network-input.js';
import type { Picture } from '../../src/images/picture.js';
import { writePlanes } from '../../src/images/picture.js';
import { bytesAt, modelOf } from './load.js';
import type { Analysis, HeatMap, Ready, Said, Subject } from './messages.js';
import { bitmapOf, decode, pictureOf, squash } from './pictures.js';
import type { BandNetwork } from './network.js';
import { openNetwork, preferredProvider } from './network.js';

/** The side of crops that are shown, in pixels: the report's. */
const CROP_SIDE = 227;

/** What the network was shown of the subjects of each photo, for heat maps. */
type Inputs = readonly Picture[];

/** Reads photos: finds faces, classifies them, explains. */
export class PhotoReader {
  readonly ready: Ready;
  readonly #finder: FaceFinder;
  readonly #network: BandNetwork;
  readonly #inputs = new Map<number, Inputs>();
  #explainer: Promise<Explainer> | undefined;

  private constructor(ready: Ready, finder: FaceFinder, network: BandNetwork) {
    this.ready = ready;
    this.#finder = finder;
    this.#network = network;
  }

  /** Fetches the networks from the server that the page is from. */
  static async open(): Promise<PhotoReader> {
    const [model, detector, mesh] = await Promise.all([
      modelOf(),
      bytesAt('/models/faces/detector.onnx'),
      bytesAt('/models/faces/mesh.onnx'),
    ]);
    const finder = await openFaceFinder(detector, mesh);
    const network = await openNetwork(await bytesAt('/models/network.onnx'), model, await preferredProvider());
    return new PhotoReader({ model, provider: network.provider }, finder, network);
  }

  /** The faces of a photo, the largest first. */
  async readPhoto(key: number, file: Blob): Promise<Analysis> {
    const photo = await decode(file);
    const picture = pictureOf(photo);
    photo.close();
    const { analysis, inputs } = await this.#readFaces(picture);
    this.#inputs.set(key, inputs);
    return analysis;
  }

  /** The photo as one subject. */
  async readWhole(key: number, file: Blob): Promise<Analysis> {
    const photo = await decode(file);
    const { width, height } = photo;
    const input = squash(photo, this.ready.model.imageSize);
    const crop = await bitmapOf(squash(photo, CROP_SIDE));
    photo.close();
    const [said] = await this.#classify([input]);
    this.#inputs.set(key, [input]);
    return { width, height, subjects: [{ box: { left: 0, top: 0, width, height }, roll: 0, ...said!, crop }] };
  }

  async readFrame(frame: ImageBitmap): Promise<Analysis> {
    const picture = pictureOf(frame);
    frame.close();
    return (await this.#readFaces(picture)).analysis;
  }

  /** Where the network finds what speaks for a class in a subject of a photo. */
  async explain(key: number, subject: number, target: number): Promise<HeatMap> {
    const input = this.#inputs.get(key)?.[subject];
    if (input === undefined || !this.ready.model.explains) throw new Error('There is no heat map of this picture.');
    this.#explainer ??= bytesAt('/models/explainer.onnx').then((bytes) => openExplainer(bytes));
    const { map } = await (await this.#explainer).explain(planesOf([input]), target);
    const colours = new Uint8Array(3 * CROP_SIDE ** 2);
    spreadMap(map, CROP_SIDE, CROP_SIDE).forEach((share, pixel) => {
      const colour = Number.parseInt(HEAT_COLOURS[Math.round(share * (HEAT_COLOURS.length - 1))]!.slice(1), 16);
      colours.set([colour >> 16, (colour >> 8) & 0xff, colour & 0xff], 3 * pixel);
    });
    return { colours: await bitmapOf({ data: colours, width: CROP_SIDE, height: CROP_SIDE }), isEmpty: isEmptyMap(map) };
  }

  forget(key: number): void {
    this.#inputs.delete(key);
  }

  async #readFaces(picture: Picture): Promise<{ analysis: Analysis; inputs: Inputs }> {
    const faces = await this.#finder.find(picture);
    const { imageSize, alignment: known } = this.ready.model;
    const alignment = known ?? {};
    const inputs = faces.map((face) => faceForNetwork(picture, face, imageSize, alignment));
    const said = await this.#classify(inputs);
    const subjects = faces.map(async (face, index): Promise<Subject> => {
      const crop = await bitmapOf(faceForNetwork(picture, face, CROP_SIDE, alignment));
      return { box: face.box, roll: face.roll, ...said[index]!, crop };
    });
    return { analysis: { width: picture.width, height: picture.height, subjects: await Promise.all(subjects) }, inputs };
  }

  async #classify(inputs: Inputs): Promise<readonly Said[]> {
    if (inputs.length === 0) return [];
    return await this.#network.classify(planesOf(inputs), inputs.length);
  }
}

function planesOf(inputs: Inputs): Float32Array {
  const size = 3 * inputs[0]!.width * inputs[0]!.height;
  const planes = new Float32Array(inputs.length * size);
  inputs.forEach((picture, index) => writePlanes(picture, planes, index * size));
  return planes;
}
