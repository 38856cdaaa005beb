import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
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

/** What is compared, by name. Ours comes first: a model that cannot be used is found out before the others have taken their time. */
export const PEERS = ['ours', 'face-api', 'face-api-whole', 'human'] as const;
export type PeerName = (typeof PEERS)[number];

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
