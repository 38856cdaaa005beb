/** What is measured on one picture, as a value that can be kept. */
import { z } from 'zod';

const curve = z.array(z.number());
const curvesSchema = z.object({ map: curve, random: curve, control: curve });
const sharesSchema = z.object({ mass: z.number(), area: z.number() });

export const measurementSchema = z.object({
  file: z.string(),
  /** Pictures of one group are drawn together for the intervals. */
  group: z.string().optional(),
  /** The band that was explained. */
  explained: z.string(),
  deletion: curvesSchema,
  insertion: curvesSchema,
  /** Rank correlation of the map and that of random weights, -1 to 1; null when that one is the same everywhere. */
  likeness: z.number().nullable(),
  /** Null when no face was found. */
  regions: z.object({ face: sharesSchema, eyes: sharesSchema }).nullable(),
});

/** How the probability of the band goes while pixels are replaced; from 0 to all of them in equal steps. */
export type Curve = readonly number[];

/** Curves of one picture: in the order of its map, in random order, and in that of the map of random weights. */
export interface Curves {
  readonly map: Curve;
  readonly random: Curve;
  readonly control: Curve;
}

/** Shares of a map's mass and of the area, of one picture. */
export type RegionShares = Readonly<z.infer<typeof sharesSchema>>;

/** What was measured on one picture. */
export type PictureMeasurement = Readonly<z.infer<typeof measurementSchema>>;

/** What came of one picture that could be read: nothing is measured where the map is empty. */
export const outcomeSchema = z.union([measurementSchema, z.literal('empty')]);
export type PictureOutcome = z.infer<typeof outcomeSchema>;

/** Outcomes by a word that says what they depend on. */
export interface KeptOutcomes {
  readonly get: (key: string) => PictureOutcome | undefined;
  readonly add: (key: string, outcome: PictureOutcome) => Promise<void>;
}
