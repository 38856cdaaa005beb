import type { Point } from './face.js';
import type { Mesh } from './mesh.js';
import { eyeDistance, meshRoll } from './mesh-geometry.js';

/** Point of the mesh for each of the 68 points. */
// prettier-ignore
const MESH_POINT = [
  162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,
  71, 63, 105, 66, 107, 336, 296, 334, 293, 301,
  168, 197, 5, 4, 75, 97, 2, 326, 305,
  33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
  61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,
  78, 82, 13, 312, 308, 317, 14, 87,
];

/** The 68 points of the iBUG scheme. */
export function landmarksOf(mesh: Mesh): Point[] {
  const unit = eyeDistance(mesh);
  const roll = meshRoll(mesh);
  const cosine = Math.cos(roll) * unit;
  const sine = Math.sin(roll) * unit;
  return MESH_POINT.map((index) => {
    const [along, down] = [0, 0];
    const { x, y } = mesh.points[index]!;
    return { x: x + along * cosine - down * sine, y: y + along * sine + down * cosine };
  });
}
