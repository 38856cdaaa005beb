/** `@vladmandic/human` with its face detector, mesh and age network, on the WebAssembly backend of TensorFlow.js. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nearestBand } from '../../src/data/bands.js';
import { peerFile, requirePeer } from './estimator.js';
import type { Estimator, TensorFlow } from './estimator.js';

interface HumanFace {
  readonly age?: number;
  readonly size: readonly [width: number, height: number];
}
interface Human {
  readonly tf: TensorFlow;
  load(): Promise<void>;
  detect(tensor: unknown): Promise<{ readonly face: readonly HumanFace[]; readonly error: string | null }>;
}

const off = { enabled: false };

export async function openHuman(): Promise<Estimator> {
  readFilesByFetch();
  const { Human } = requirePeer('@vladmandic/human/dist/human.node-wasm.js') as { Human: new (options: object) => Human };
  const human = new Human({
    ...{ backend: 'wasm', wasmPath: peerFile('@tensorflow/tfjs-backend-wasm/dist/'), debug: false },
    // Every picture is looked at for itself, not as the next one of a video.
    ...{ modelBasePath: pathToFileURL(peerFile('@vladmandic/human/models/')).href, cacheSensitivity: 0 },
    face: { enabled: true, detector: { rotation: true }, description: { enabled: true }, iris: off, emotion: off },
    ...{ filter: off, body: off, hand: off, gesture: off, object: off },
  });
  await human.load();
  if (human.tf.getBackend() !== 'wasm') throw new Error(`human runs on ${human.tf.getBackend()}, not on wasm`);
  return async ({ data, width, height }) => {
    const tensor = human.tf.tensor(data, [1, height, width, 3], 'float32');
    try {
      const { face: faces, error } = await human.detect(tensor);
      if (error !== null) throw new Error(error);
      const [face] = faces.toSorted((a, b) => b.size[0] * b.size[1] - a.size[0] * a.size[1]);
      return face?.age === undefined ? undefined : { age: face.age, band: nearestBand(face.age) };
    } finally {
      tensor.dispose();
    }
  };
}

/** Its models are read by `fetch`, which takes no files in Node. */
function readFilesByFetch(): void {
  const overNetwork = globalThis.fetch;
  globalThis.fetch = async (source, options) => {
    const url = source instanceof Request ? source.url : String(source);
    if (!url.startsWith('file:')) return await overNetwork(source, options);
    return new Response(new Uint8Array(await readFile(fileURLToPath(url))));
  };
}
