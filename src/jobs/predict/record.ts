/** What a model says about one picture: the result of an item of the job, and a line of its journal. */
import { z } from 'zod';

const share = z.number().min(0).max(1);

const predictionSchema = z.object({
  band: z.string(),
  /** Of each class, in the order of the model. */
  probabilities: z.array(share),
  /** As in `AgeEstimate`. */
  age: z.object({ expected: z.number(), from: z.number(), to: z.number().nullable() }).nullable(),
});

const faceSchema = predictionSchema.extend({
  /** In pixels of the upright picture. */
  box: z.object({ left: z.number(), top: z.number(), width: z.number(), height: z.number() }),
});

export const recordSchema = z.object({
  /** Path of the picture in the source, with `/`. */
  file: z.string(),
  /** What the file was like when it was read, see {@link FileState}. */
  state: z.string(),
  /** Of the largest face, or of the whole picture where there is none or the model looks for none. */
  whole: predictionSchema.optional(),
  /** All faces, the largest first, of a model that looks for them. */
  faces: z.array(faceSchema).optional(),
  /** Why there is no prediction. */
  error: z.string().optional(),
});
export type PredictionRecord = z.infer<typeof recordSchema>;
