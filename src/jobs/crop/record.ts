/** What became of one picture: the result of an item of the job, and a line of its journal. */
import { z } from 'zod';

const text = z.string();
const number = z.number();

/** What stands in `crops.csv` about a face: the figures of a face in few decimals. */
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
