/** `@vladmandic/face-api` as its guide shows it, on the WebAssembly backend of TensorFlow.js. */
import { nearestBand } from '../../src/data/bands.js';
import { peerFile, requirePeer } from './estimator.js';
import type { Estimate, Estimator, TensorFlow } from './estimator.js';

interface Network {
  loadFromDisk(folder: string): Promise<void>;
}
interface Aged {
  readonly age: number;
}
interface FaceApi {
  readonly tf: TensorFlow;
  readonly nets: {
    readonly ssdMobilenetv1: Network;
    readonly ageGenderNet: Network & { predictAgeAndGender(tensor: unknown): Promise<Aged> };
  };
  readonly SsdMobilenetv1Options: new (options: { minConfidence: number }) => unknown;
  detectSingleFace(tensor: unknown, options: unknown): { withAgeAndGender(): Promise<Aged | undefined> };
}

/** Faces below it are passed over. The default, 0.5, misses 30 of 40 faces in tight crops. */
const LEAST_CONFIDENCE = 0.1;

/** @param whole whether the whole picture is given to the age network, without a search for the face */
export async function openFaceApi(whole: boolean): Promise<Estimator> {
  const api = requirePeer('@vladmandic/face-api/dist/face-api.node-wasm.js') as FaceApi;
  const { tf, nets } = api;
  await tf.setBackend('wasm');
  await tf.ready();
  if (tf.getBackend() !== 'wasm') throw new Error(`face-api runs on ${tf.getBackend()}, not on wasm`);
  const folder = peerFile('@vladmandic/face-api/model');
  if (!whole) await nets.ssdMobilenetv1.loadFromDisk(folder);
  await nets.ageGenderNet.loadFromDisk(folder);
  const options = new api.SsdMobilenetv1Options({ minConfidence: LEAST_CONFIDENCE });
  const look = (tensor: unknown): Promise<Aged | undefined> =>
    whole ? nets.ageGenderNet.predictAgeAndGender(tensor) : api.detectSingleFace(tensor, options).withAgeAndGender();
  return async ({ data, width, height }): Promise<Estimate | undefined> => {
    const tensor = tf.tensor(data, [height, width, 3], 'int32');
    try {
      const face = await look(tensor);
      return face && { age: face.age, band: nearestBand(face.age) };
    } finally {
      tensor.dispose();
    }
  };
}
