import type { Face, Point } from '../../src/faces/face.js';

/** An upright face whose points lie on a circle, in the order of the angle from the right clockwise. */
export function knownFace(centre: Point, radius: number): Face {
  const circle = (count: number): Point[] =>
    Array.from({ length: count }, (_, index) => {
      const angle = (2 * Math.PI * index) / count;
      return { x: centre.x + radius * Math.cos(angle), y: centre.y + radius * Math.sin(angle) };
    });
  return {
    box: { left: centre.x - radius, top: centre.y - radius, width: 2 * radius, height: 2 * radius },
    score: 0.9,
    presence: 1,
    points: circle(468),
    landmarks: circle(68),
    roll: 0,
    quality: { size: 2 * radius, sharpness: 12, yaw: 0, pitch: 0, inside: 1 },
  };
}
