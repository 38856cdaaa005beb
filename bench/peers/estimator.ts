import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { AlignOptions } from '../../src/faces/align.js';
import type { Picture } from '../../src/images/picture.js';

/** What is said of the face in a picture. */
export interface Estimate {
  /** Years. */
  readonly age: number;
  /** Index of the age band. */
  readonly band: number;
}

/** Tells the age of the largest face of a picture; `undefined` when it finds none. */
export type Estimator = (picture: Picture) => Promise<Estimate | undefined>;

/** How our own model is to be used. */
export interface OwnOptions {
  /** Folder of a run, or an exported ONNX file. */
  readonly model: string;
  /** How faces are aligned: as those that it was trained with. */
  readonly alignment: Omit<AlignOptions, 'size'>;
}

/** What is compared, by name. */
export const PEERS = ['face-api', 'face-api-whole', 'human'] as const;
export type PeerName = (typeof PEERS)[number] | 'ours';

/** The folder in which the packages of the peers are installed. */
const PACKAGES = new URL('node_modules/', import.meta.url);

/** Path of a file of a peer's package. */
export function peerFile(path: string): string {
  return fileURLToPath(new URL(path, PACKAGES));
}

/** Loads a CommonJS module out of the peers' packages. */
export function requirePeer(path: string): unknown {
  return createRequire(import.meta.url)(peerFile(path));
}

/** The part of TensorFlow.js that is used here. */
export interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  getBackend(): string;
  tensor(data: Uint8Array, shape: number[], type: string): { dispose(): void };
}
