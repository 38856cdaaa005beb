/** The first fit of Face Mesh to a detected face: where it is made, and whether it can be left at that. */
import type { Detection } from './detector.js';
import type { Mesh } from './mesh.js';
import { eyeDistance, meshFeatures, meshRegion } from './mesh-geometry.js';
import type { Region } from './region.js';

/** Sides of the region that Face Mesh sees, in sides of the face. */
export const MESH_MARGIN = 1.5;
/**
 * How the region around a correct mesh lies to the box of the detector, in longer sides of the box: its side, and how far
 * its centre is above that of the box. Between the medians of Adience (1.60 and 0.03) and of UTKFace (1.48 and -0.03).
 */
const FORESEEN = { side: 1.07 * MESH_MARGIN, up: 0.02 };
/**
 * How far the region of a fit may be from the one that it was made in, as a factor of the side, in sides and in radians, and
 * its features from those of the detector. Two thirds of 104 photos of Adience pass, and a further fit moves their points by
 * 1.1 % of the distance between the eyes (median); of these and 400 pictures of UTKFace, upside down, a single one passes.
 */
const AGREEMENT = { side: 1.08, centre: 0.03, roll: 0.06, features: 0.08 };

/** Where the mesh of a detected face is expected to ask for the next fit. */
export function foreseenRegion({ box, points }: Pick<Detection, 'box' | 'points'>): Region {
  const [rightEye, leftEye] = points;
  const roll = Math.atan2(leftEye!.y - rightEye!.y, leftEye!.x - rightEye!.x);
  const longer = Math.max(box.width, box.height);
  const up = FORESEEN.up * longer;
  const centre = {
    x: box.left + box.width / 2 + up * Math.sin(roll),
    y: box.top + box.height / 2 - up * Math.cos(roll),
  };
  return { centre, side: FORESEEN.side * longer, roll };
}

/** Whether a fit confirms the region that it was made in and the features of the detector: it need not be repeated. */
export function confirms(mesh: Mesh, region: Region, detection: Pick<Detection, 'points'>): boolean {
  const own = meshRegion(mesh, MESH_MARGIN);
  return (
    Math.abs(Math.log(own.side / region.side)) < Math.log(AGREEMENT.side) &&
    Math.hypot(own.centre.x - region.centre.x, own.centre.y - region.centre.y) < AGREEMENT.centre * region.side &&
    Math.cos(own.roll - region.roll) > Math.cos(AGREEMENT.roll) &&
    featureDistance(mesh, detection) < AGREEMENT.features
  );
}

/**
 * How far eyes, nose and mouth of a mesh lie from where the detector has them: a mean, in distances between the outer eye
 * corners. A fit to a face that stands on its head has them elsewhere, even when both networks are sure.
 */
export function featureDistance(mesh: Mesh, { points }: Pick<Detection, 'points'>): number {
  const features = meshFeatures(mesh);
  const ways = features.map(({ x, y }, index) => Math.hypot(x - points[index]!.x, y - points[index]!.y));
  return ways.reduce((sum, way) => sum + way, 0) / ways.length / eyeDistance(mesh);
}
