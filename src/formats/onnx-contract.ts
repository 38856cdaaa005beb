/** What a program must know to feed a model that ageband wrote; it stands in the metadata of the ONNX file. */
import { z } from 'zod';
import { alignmentSchema } from '../base/alignment.js';
import type { Alignment } from '../base/alignment.js';
import { storedClassNames } from '../base/classes.js';
import { parseJson } from '../base/json.js';
import type { OutputCalibration } from '../nn/network.js';

export interface InputContract {
  readonly classes: readonly string[];
  /** Height and width of the input, in pixels. */
  readonly imageSize: number;
  /** How faces are cut out of photos for it; without, it takes pictures as they are. */
  readonly alignment?: Alignment;
}

const contractSchema = z.object({
  classes: storedClassNames,
  imageSize: z.coerce.number().int().min(1).max(4096),
  alignment: alignmentSchema.optional(),
});

/**
 * The metadata of a model that takes `images` [N, 3, H, W], RGB, 0..1, each a whole picture squashed to a square, or an
 * aligned face.
 */
export function contractMetadata({ classes, imageSize, alignment }: InputContract): Record<string, string> {
  return {
    'ageband.classes': JSON.stringify(classes),
    'ageband.image_size': String(imageSize),
    'ageband.layout': 'NCHW',
    'ageband.colours': 'RGB',
    'ageband.scale': '1/255',
    ...(alignment === undefined
      ? { 'ageband.crop': 'whole picture, squashed to a square' }
      : { 'ageband.crop': 'aligned face', 'ageband.alignment': JSON.stringify(alignment) }),
  };
}

/** Reads {@link contractMetadata} back; undefined where the metadata do not hold it, as of a model from elsewhere. */
export function readContract(metadata: ReadonlyMap<string, string>): InputContract | undefined {
  const { data } = contractSchema.safeParse({
    classes: parseJson(metadata.get('ageband.classes')),
    imageSize: metadata.get('ageband.image_size'),
    alignment: parseJson(metadata.get('ageband.alignment')),
  });
  if (data === undefined) return undefined;
  const { alignment, ...contract } = data;
  return { ...contract, ...(alignment && { alignment }) };
}

/** The metadata of a calibrated model; nothing for others. */
export function calibrationMetadata({ temperature, offsets }: OutputCalibration = {}): Record<string, string> {
  return {
    ...(temperature !== undefined && { 'ageband.temperature': String(temperature) }),
    ...(offsets !== undefined && { 'ageband.logit_offsets': JSON.stringify(offsets) }),
  };
}

const positive = z.coerce.number().positive().optional().catch(undefined);

/** Reads {@link calibrationMetadata} back, as far as it makes sense; undefined where there is no temperature. */
export function readCalibrationMetadata(metadata: ReadonlyMap<string, string>): (OutputCalibration & { temperature: number }) | undefined {
  const temperature = positive.parse(metadata.get('ageband.temperature'));
  const { data: offsets } = z.array(z.number()).safeParse(parseJson(metadata.get('ageband.logit_offsets')));
  if (temperature === undefined) return undefined;
  return { temperature, ...(offsets && { offsets }) };
}
