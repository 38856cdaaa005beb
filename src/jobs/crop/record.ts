/** What became of one picture: the result of an item of the job, and a line of its journal. */
import { z } from 'zod';
import type { Face } from '../../faces/face.js';

const text = z.string();
const number = z.number();

/** What stands in `crops.csv` about a face: the figures of {@link Face} in few decimals. */
const faceSchema = z.object({
  left: number,
  top: number,
  width: number,
  height: number,
  score: number,
  presence: number,
  roll: number,
  yaw: number,
  pitch: number,
  size: number,
  sharpness: number,
  inside: number,
  /** The 68 points: `x,y x,y ...`. */
  points: text,
});
export type FaceFigures = z.infer<typeof faceSchema>;

const cropSchema = z.object({
  /** Path of the crop's file in the folder of the crops, with `/`; '' when there is none. */
  crop: text,
  /** Size of that file in bytes. */
  bytes: number,
  face: faceSchema.optional(),
  fallback: z.enum(['', 'whole picture', 'skipped']),
  /** Why there is no crop of a face. */
  reason: text,
});
export type CropFile = z.infer<typeof cropSchema>;

export const recordSchema = z.object({
  /** Path of the picture in the source, with `/`. */
  file: text,
  /** Path of its crops without ending and number. */
  stem: text,
  /** What the file of the picture was like when it was read, see {@link FileState}. */
  state: text,
  /** How many faces count; undefined when the picture could not be read. */
  faces: number.optional(),
  crops: z.array(cropSchema),
});
export type CropRecord = z.infer<typeof recordSchema>;

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
