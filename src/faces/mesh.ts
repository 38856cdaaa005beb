import { floatTensor } from '../base/tensor.js';
import type { Pyramid } from '../images/pyramid.js';
import type { Runner } from '../runtime/runner.js';
import type { Point } from './face.js';
import { sampleRegion, toPicture } from './region.js';
import type { Region } from './region.js';

/** Number of points of a mesh. */
export const MESH_POINTS = 468;

/** What Face Mesh sees in a region. */
export interface Mesh {
  /** In pixels of the picture. */
  readonly points: readonly Point[];
  /** Depth of each point in pixels of the picture: the smaller, the nearer to the camera. */
  readonly depths: readonly number[];
  /** How sure the network is that there is a face, 0..1. */
  readonly presence: number;
}

/** Width and height of the network's input. */
const INPUT_SIZE = 192;
/** Levels 0..255 to 0..1. */
const SCALING = { scale: 1 / 255, offset: 0 };

/**
 * Face Mesh (Kartynnik et al., "Real-time facial surface geometry from monocular video on mobile GPUs", 2019), the model
 * of MediaPipe with 468 points.
 */
export class MeshNetwork {
  readonly #network: Runner;
  /** Used again for each picture: these are most of the memory that would have to be cleared away. */
  readonly #images = floatTensor(new Float32Array(3 * INPUT_SIZE ** 2), [1, 3, INPUT_SIZE, INPUT_SIZE]);

  /** @param network `images` [1, 3, 192, 192] in 0..1 to `points` [1, 1404], in pixels of the input, and `presence` */
  constructor(network: Runner) {
    this.#network = network;
  }

  /**
   * The mesh of the one face in a region. One call at a time.
   * @throws {EngineError}
   */
  async fit(pyramid: Pyramid, region: Region): Promise<Mesh> {
    const images = this.#images;
    sampleRegion(pyramid, region, INPUT_SIZE, SCALING, images.data);
    const { points, presence } = await this.#network.run({ images });
    const values = points!.data as Float32Array;
    const meshPoints: Point[] = [];
    const depths: number[] = [];
    for (let index = 0; index < 3 * MESH_POINTS; index += 3) {
      meshPoints.push(toPicture(region, values[index]! / INPUT_SIZE, values[index + 1]! / INPUT_SIZE));
      depths.push((values[index + 2]! / INPUT_SIZE) * region.side);
    }
    return { points: meshPoints, depths, presence: presence!.data[0] as number };
  }

  async dispose(): Promise<void> {
    await this.#network.dispose();
  }
}
