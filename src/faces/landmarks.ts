import type { Point } from './face.js';
import type { Mesh } from './mesh.js';
import { eyeDistance, meshRoll } from './mesh-geometry.js';

/**
 * For each of the 68 points: the point of the mesh that it is taken from, and how far from there it lies along the line
 * from the right eye to the left one and down, in distances between the outer corners of the eyes. Fitted to where dlib
 * places the points on 99 photos of Adience and 481 of UTKFace (medians, left and right mirrored), as
 * bench/fit-landmarks.ts does it; docs/faces.md tells how well they agree.
 */
const PLACES: readonly (readonly [meshPoint: number, along: number, down: number])[] = [
  // 0-16: jaw
  [127, -0.014, 0.006], [137, -0.014, -0.094], [177, -0.011, -0.044], [215, -0.011, 0.013], [138, -0.011, 0.068],
  [150, -0.085, -0.044], [149, -0.02, 0.025], [148, -0.052, 0.024], [152, 0, 0.043], [377, 0.052, 0.024],
  [378, 0.02, 0.025], [379, 0.085, -0.044], [367, 0.011, 0.068], [435, 0.011, 0.013], [401, 0.011, -0.044],
  [366, 0.014, -0.094], [264, 0.014, 0.006],
  // 17-26: brows
  [70, -0.007, 0.034], [63, 0.019, 0], [105, 0.053, 0.001], [65, 0.048, -0.046], [107, 0.038, 0.049],
  [336, -0.038, 0.049], [295, -0.048, -0.046], [334, -0.053, 0.001], [293, -0.019, 0], [300, 0.007, 0.034],
  // 27-35: bridge and base of the nose
  [168, 0, 0.029], [197, 0, -0.012], [195, 0, 0.047], [1, 0, -0.067], [75, -0.007, 0.022],
  [97, 0.002, -0.001], [2, 0, 0.02], [326, -0.002, -0.001], [289, 0.007, 0.022],
  // 36-47: eyes
  [33, 0.021, 0.016], [159, -0.027, 0.014], [158, 0.018, 0.012], [133, -0.011, 0.014], [153, -0.011, 0.011],
  [144, 0.002, 0.01], [362, 0.011, 0.014], [385, -0.018, 0.012], [386, 0.027, 0.014], [263, -0.021, 0.016],
  [373, -0.002, 0.01], [380, 0.011, 0.011],
  // 48-59: outer contour of the lips
  [76, -0.03, 0.007], [40, 0.034, -0.002], [37, 0.007, 0.009], [11, 0, -0.016], [267, -0.007, 0.009],
  [270, -0.034, -0.002], [306, 0.03, 0.007], [320, -0.009, 0.064], [315, 0.004, 0.056], [17, 0, 0.016],
  [85, -0.004, 0.056], [90, 0.009, 0.064],
  // 60-67: inner contour
  [76, 0.017, 0.014], [82, -0.011, 0.012], [13, 0, 0.013], [268, 0.011, 0.012], [306, -0.017, 0.014],
  [317, 0.013, 0.011], [14, 0, 0.017], [87, -0.013, 0.011],
];

/** The 68 points of the iBUG 300-W scheme, as dlib would place them, in pixels of the picture. */
export function landmarksOf(mesh: Mesh): Point[] {
  const unit = eyeDistance(mesh);
  const roll = meshRoll(mesh);
  const right = { x: unit * Math.cos(roll), y: unit * Math.sin(roll) };
  return PLACES.map(([index, along, down]) => {
    const { x, y } = mesh.points[index]!;
    return { x: x + along * right.x - down * right.y, y: y + along * right.y + down * right.x };
  });
}
