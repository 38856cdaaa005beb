import type { Pyramid } from '../images/pyramid.js';
import { boxAround, shareInside, sideOf } from './box.js';
import type { Face } from './face.js';
import { landmarksOf } from './landmarks.js';
import type { Mesh } from './mesh.js';
import { headPose, meshRegion, meshRoll } from './mesh-geometry.js';
import { sampleRegion } from './region.js';

/** Width and height in pixels to which a face is brought before its sharpness is measured. */
const SHARPNESS_SIZE = 96;
const LEVELS = { scale: 1, offset: 0 };

/** Everything that is said about a face, from the fit of its mesh. */
export function describeFace(score: number, mesh: Mesh, pyramid: Pyramid): Face {
  const { width, height } = pyramid.picture;
  const box = boxAround(mesh.points);
  const planes = new Float32Array(3 * SHARPNESS_SIZE ** 2);
  sampleRegion(pyramid, meshRegion(mesh, 1), SHARPNESS_SIZE, LEVELS, planes);
  const quality = {
    size: sideOf(box),
    sharpness: sharpnessOf(planes, SHARPNESS_SIZE),
    ...headPose(mesh),
    inside: shareInside(box, width, height),
  };
  return {
    box,
    score,
    presence: mesh.presence,
    points: mesh.points,
    landmarks: landmarksOf(mesh),
    roll: (meshRoll(mesh) * 180) / Math.PI,
    quality,
  };
}

/**
 * Standard deviation of the Laplacian of a picture's grey levels (Pech-Pacheco et al., "Diatom autofocusing in
 * brightfield microscopy", 2000).
 * @param planes [3, size, size], in levels of 0..255
 */
export function sharpnessOf(planes: Float32Array, size: number): number {
  const plane = size * size;
  const grey = new Float32Array(plane);
  for (let pixel = 0; pixel < plane; pixel++) {
    grey[pixel] = (planes[pixel]! + planes[plane + pixel]! + planes[2 * plane + pixel]!) / 3;
  }
  let sum = 0;
  let squares = 0;
  for (let row = 1; row < size - 1; row++) {
    for (let pixel = row * size + 1; pixel < (row + 1) * size - 1; pixel++) {
      const around = grey[pixel - 1]! + grey[pixel + 1]! + grey[pixel - size]! + grey[pixel + size]!;
      const laplacian = around - 4 * grey[pixel]!;
      sum += laplacian;
      squares += laplacian ** 2;
    }
  }
  const count = (size - 2) ** 2;
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}
