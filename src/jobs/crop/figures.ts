import type { Face } from '../../faces/face.js';
import type { FaceFigures } from './record.js';

/** The figures of a face, rounded. */
export function figuresOf({ box, score, presence, roll, quality, landmarks }: Face): FaceFigures {
  return {
    left: rounded(box.left, 1),
    top: rounded(box.top, 1),
    width: rounded(box.width, 1),
    height: rounded(box.height, 1),
    score: rounded(score, 3),
    presence: rounded(presence, 3),
    roll: rounded(roll, 1),
    yaw: rounded(quality.yaw, 1),
    pitch: rounded(quality.pitch, 1),
    size: rounded(quality.size, 1),
    sharpness: rounded(quality.sharpness, 1),
    inside: rounded(quality.inside, 3),
    points: landmarks.map(({ x, y }) => `${rounded(x, 1)},${rounded(y, 1)}`).join(' '),
  };
}

function rounded(value: number, decimals: number): number {
  // Never -0, which JSON and CSV write differently.
  return Number(value.toFixed(decimals)) + 0;
}
