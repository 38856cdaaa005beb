import { Pyramid } from '../images/pyramid.js';
import type { Picture } from '../images/picture.js';
import { boxAround, overlap, sideOf } from './box.js';
import { describeFace } from './describe.js';
import type { Detection, FaceDetector } from './detector.js';
import type { Box, Face } from './face.js';
import { confirms, featureDistance, foreseenRegion, MESH_MARGIN } from './first-fit.js';
import type { Mesh, MeshNetwork } from './mesh.js';
import { eyeDistance, meshRegion } from './mesh-geometry.js';
import { aroundBox, wholePicture } from './region.js';

/** Detections below this score are passed over. */
const LEAST_SCORE = 0.25;
/** A box smaller than this part of what the detector saw is looked at again, for itself. */
const SMALL = 0.2;
/** What a small face must score when it is seen for itself. */
const LEAST_CLOSE_SCORE = 0.5;
/** How many times its own size a small face is given when it is seen for itself. */
const CLOSE = 2.5;
/** Fits below this presence are no faces. */
const LEAST_PRESENCE = 0.3;
/**
 * A face is right when both networks are sure of it and agree on eyes, nose and mouth, and the first fit confirms the
 * detector, or hardly moves as it is repeated, at the first repetition or at the second: of 504 upright pictures 97 % pass,
 * of the same ones upside down a single one.
 */
const TRUSTED = { score: 0.7, presence: 0.999, features: 0.18, movements: [0.03, 0.02] };
/** Boxes of which one lies in the other by more than this part of the smaller are one face. */
const SAME_FACE = 0.5;

/** How the whole picture is shown to the detector: what its longer side fills, and how it is turned, in radians. */
interface Look {
  readonly fill: number;
  readonly roll: number;
}

const QUARTER = Math.PI / 2;
/** Leaves a frame: where a face fills all that the detector sees, it finds none or two. */
const FIRST_LOOK: Look = { fill: 6 / 7, roll: 0 };
/** For faces that lie on their side or stand on their head, which the detector often finds, but with wrong points. */
const TURNED_LOOKS: readonly Look[] = [2, 1, 3].map((turns) => ({ fill: 6 / 7, roll: turns * QUARTER }));
/** For what is still not found: a face that fills the frame, and small ones. */
const OTHER_LOOKS: readonly Look[] = [0, 2, 1, 3].flatMap((turns) =>
  [4 / 7, 1].map((fill) => ({ fill, roll: turns * QUARTER })),
);

/** A fitted face, before it is described. */
interface Candidate {
  readonly detection: Detection;
  readonly mesh: Mesh;
  /** Around the points. */
  readonly box: Box;
  /** Whether the detector confirms the fit, or the last repetition hardly moved it. */
  readonly steady: boolean;
  /** Mean way of the points in that repetition, in distances between the outer eye corners; 0 when there was none. */
  readonly movement: number;
}

/** Finds faces and their points. Call `dispose` when done. */
export class FaceFinder {
  readonly #detector: FaceDetector;
  readonly #mesh: MeshNetwork;
  #free: Promise<unknown> = Promise.resolve();

  constructor(detector: FaceDetector, mesh: MeshNetwork) {
    this.#detector = detector;
    this.#mesh = mesh;
  }

  /**
   * The faces of a picture, the largest first; none is an empty list. Faces at any angle are found, also upside down.
   * Calls wait for those before them, since the networks work in one memory.
   * @throws {EngineError}
   */
  async find(picture: Picture): Promise<Face[]> {
    const faces = this.#free.then(() => this.#find(picture));
    this.#free = faces.catch(() => undefined);
    return await faces;
  }

  /** Frees the memory of both networks. */
  async dispose(): Promise<void> {
    await Promise.all([this.#detector.dispose(), this.#mesh.dispose()]);
  }

  async #find(picture: Picture): Promise<Face[]> {
    const pyramid = new Pyramid(picture);
    let found = await this.#look(pyramid, FIRST_LOOK);
    for (const look of TURNED_LOOKS) {
      if (isUpright(found)) break;
      found = merge([...found, ...(await this.#look(pyramid, look))]);
    }
    for (const look of OTHER_LOOKS) {
      if (found.length > 0) break;
      found = await this.#look(pyramid, look);
    }
    const faces = found.map(({ detection, mesh }) => describeFace(detection.score, mesh, pyramid));
    return faces.sort((a, b) => b.quality.size - a.quality.size);
  }

  async #look(pyramid: Pyramid, { fill, roll }: Look): Promise<Candidate[]> {
    const { width, height } = pyramid.picture;
    const region = wholePicture(width, height, fill, roll);
    const found: Candidate[] = [];
    for (const seen of await this.#detector.detect(pyramid, region, LEAST_SCORE)) {
      const detection = sideOf(seen.box) < SMALL * region.side ? await this.#lookClosely(pyramid, seen, roll) : seen;
      if (detection === undefined) continue;
      const candidate = await this.#fit(pyramid, detection);
      if (candidate.mesh.presence >= LEAST_PRESENCE) found.push(candidate);
    }
    return merge(found);
  }

  /** The same face as it is detected on its own surroundings, if it is. */
  async #lookClosely(pyramid: Pyramid, { box }: Detection, roll: number): Promise<Detection | undefined> {
    const close = await this.#detector.detect(pyramid, aroundBox(box, CLOSE, roll), LEAST_CLOSE_SCORE);
    return close.find((other) => overlap(box, other.box) > SAME_FACE);
  }

  async #fit(pyramid: Pyramid, detection: Detection): Promise<Candidate> {
    const region = foreseenRegion(detection);
    let mesh = await this.#mesh.fit(pyramid, region);
    let steady = isSure(detection, mesh) && confirms(mesh, region, detection);
    let movement = 0;
    for (const allowed of TRUSTED.movements) {
      if (steady) break;
      const before = mesh;
      mesh = await this.#mesh.fit(pyramid, meshRegion(before, MESH_MARGIN));
      movement = movementBetween(before, mesh);
      steady = movement < allowed;
    }
    return { detection, mesh, box: boxAround(mesh.points), steady, movement };
  }
}

/** Whether the largest face is there for certain, and with it the orientation of the photo. */
function isUpright(found: readonly Candidate[]): boolean {
  const [largest] = found.toSorted((a, b) => sideOf(b.box) - sideOf(a.box));
  return largest !== undefined && largest.steady && isSure(largest.detection, largest.mesh);
}

/** Whether both networks are sure of a face, and agree on it. */
function isSure(detection: Detection, mesh: Mesh): boolean {
  const areSure = detection.score > TRUSTED.score && mesh.presence > TRUSTED.presence;
  return areSure && featureDistance(mesh, detection) < TRUSTED.features;
}

/** How good a fit is, to choose between two of the same face. */
function merit({ detection, mesh, movement }: Candidate): number {
  return (detection.score * mesh.presence) / (1 + movement / TRUSTED.movements[0]!);
}

/** Mean way of the points from one fit to the next, in distances between the outer eye corners. */
function movementBetween(first: Mesh, second: Mesh): number {
  let sum = 0;
  for (const [index, { x, y }] of first.points.entries()) {
    const next = second.points[index]!;
    sum += Math.sqrt((x - next.x) ** 2 + (y - next.y) ** 2);
  }
  return sum / first.points.length / eyeDistance(second);
}

/** Of candidates for the same face only the best stays. */
function merge(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates.toSorted((a, b) => merit(b) - merit(a))) {
    if (!kept.some((better) => overlap(better.box, candidate.box) > SAME_FACE)) kept.push(candidate);
  }
  return kept;
}
