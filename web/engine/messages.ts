/** What the page asks its worker, and what that answers. */
import type { Alignment } from '../../src/base/alignment.js';
import type { Box } from '../../src/faces/face.js';

/** A class of the model, as `/v1/models` tells it. */
export interface BandClass {
  readonly name: string;
  readonly ages: { readonly from: number; readonly to: number | null; readonly middle: number } | null;
}

/** The model that the server offers. */
export interface Model {
  readonly id: string;
  readonly imageSize: number;
  /** How faces are cut out for it. */
  readonly alignment: Alignment | null;
  readonly classes: readonly BandClass[];
  readonly explains: boolean;
}

/** How the worker computes. */
export interface Ready {
  readonly model: Model;
  readonly provider: 'wasm' | 'webgpu';
}

/** What the model says of a face, or of a whole picture. */
export interface Said {
  /** In the order of the model's classes. */
  readonly probabilities: readonly number[];
  /** The probability of each year of age from 0 on; null of a model that tells bands alone. */
  readonly years: readonly number[] | null;
}

/** One face, or the whole picture. */
export interface Subject extends Said {
  /** In pixels of the picture. */
  readonly box: Box;
  /** Degrees clockwise; 0 for the whole picture. */
  readonly roll: number;
  /** What the network is shown, large enough to be looked at. */
  readonly crop: ImageBitmap;
}

export interface Analysis {
  readonly width: number;
  readonly height: number;
  readonly subjects: readonly Subject[];
}

/** Where the network finds what speaks for a class. */
export interface HeatMap {
  /** The colours of the map, of the crop's size. */
  readonly colours: ImageBitmap;
  /** Whether nothing speaks for the class. */
  readonly isEmpty: boolean;
}

export interface Requests {
  /** Loads the networks; once, before all others. */
  start: { readonly request: null; readonly answer: Ready };
  /** Finds and classifies the faces of a photo, which the worker remembers by its key until it is told to forget it. */
  photo: { readonly request: { readonly key: number; readonly file: Blob }; readonly answer: Analysis };
  /** Classifies a photo as a whole. */
  whole: { readonly request: { readonly key: number; readonly file: Blob }; readonly answer: Analysis };
  /** The same as `photo` for a frame of the camera, of which nothing is remembered. */
  frame: { readonly request: { readonly frame: ImageBitmap }; readonly answer: Analysis };
  /** The heat map of a subject of a photo for a class. */
  explain: { readonly request: { readonly key: number; readonly subject: number; readonly target: number }; readonly answer: HeatMap };
  forget: { readonly request: { readonly key: number }; readonly answer: null };
}
export type Kind = keyof Requests;

export interface Question<Name extends Kind = Kind> {
  readonly id: number;
  readonly kind: Name;
  readonly request: Requests[Name]['request'];
}

export type Reply = { readonly id: number } & ({ readonly answer: Requests[Kind]['answer'] } | { readonly error: string });
