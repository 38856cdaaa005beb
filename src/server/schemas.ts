/** What requests and answers hold. The server checks its own answers with these too, and documents them. */
import { z } from 'zod';
import { alignmentSchema } from '../base/alignment.js';
import { FACE_MODES } from './predict/task.js';
import { REQUEST_ERROR_CODES } from './request-error.js';

/** Schemas by the names that they have in the OpenAPI document. */
export const documented = z.registry<{ id: string; description?: string }>();

const share = z.number().min(0).max(1);

const ageSchema = z
  .strictObject({
    expected: z.number().describe('Mean of the middles of the bands, weighted by their probabilities, or of the years of a model that tells years.'),
    from: z.number().describe('First age of the bands that hold the middle 90 % of the probability, or of the years that hold the middle 80 %.'),
    to: z.number().nullable().describe('Last of these ages; null where there is none, as of 60+.'),
  })
  .register(documented, { id: 'Age' });

const prediction = {
  band: z.string().describe('The likeliest band.'),
  probabilities: z
    .array(z.strictObject({ band: z.string(), probability: share }))
    .describe('All bands in their order; the probabilities sum to 1.'),
  age: ageSchema.nullable().describe('Null where the classes of the model are no age bands.'),
};

const predictionSchema = z.strictObject(prediction).register(documented, { id: 'Prediction' });

const boxSchema = z
  .strictObject({ left: z.number(), top: z.number(), width: z.number(), height: z.number() })
  .register(documented, { id: 'Box', description: 'In pixels of the upright picture; it may reach beyond it.' });

const faceSchema = z
  .strictObject({
    box: boxSchema,
    score: share.describe('How sure the detector is.'),
    roll: z.number().describe('Degrees by which the face is turned clockwise, -180 to 180.'),
    ...prediction,
  })
  .register(documented, { id: 'Face' });

const errorBody = z.strictObject({ code: z.enum(REQUEST_ERROR_CODES), message: z.string() });

export const errorSchema = z.strictObject({ error: errorBody }).register(documented, { id: 'Error' });

const name = z.string().nullable().describe('The name of the file in the form; null for a picture sent by itself.');

const pictureSchema = z
  .union([
    z.strictObject({
      name,
      width: z.int(),
      height: z.int(),
      faces: z.array(faceSchema).describe('The largest first; none is an empty list.'),
    }),
    z.strictObject({ name, whole: predictionSchema.describe('What the whole picture shows, with faces=none.') }),
    z.strictObject({ name, error: errorBody }),
  ])
  .register(documented, { id: 'Picture' });

export const predictQuery = z.strictObject({ faces: z.enum(FACE_MODES).default('all') });

export const predictResponse = z
  .strictObject({ model: z.string(), pictures: z.array(pictureSchema) })
  .register(documented, { id: 'Predictions' });

const classSchema = z.strictObject({
  name: z.string(),
  ages: z
    .strictObject({ from: z.number(), to: z.number().nullable(), middle: z.number() })
    .nullable()
    .describe('Null where the class is no age band.'),
});

const modelSchema = z
  .strictObject({
    id: z.string(),
    imageSize: z.int().describe('Height and width of the input, in pixels.'),
    alignment: alignmentSchema.nullable().describe('How faces are cut out for it; null stands for that of `ageband crop`.'),
    classes: z.array(classSchema),
    explains: z.boolean().describe('Whether heat maps can be made: of a run, not of an exported file.'),
  })
  .register(documented, { id: 'Model' });

export const modelsResponse = z.strictObject({ models: z.array(modelSchema) }).register(documented, { id: 'Models' });
export type ModelsResponse = z.infer<typeof modelsResponse>;

export const healthResponse = z
  .strictObject({ status: z.literal('ok'), model: z.string() })
  .register(documented, { id: 'Health' });
