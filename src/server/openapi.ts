import { z } from 'zod';
import { MOST_BYTES, MOST_PICTURES, MOST_PIXELS } from './limits.js';
import { documented } from './schemas.js';

/** Where the parts of the document stand that others point to. */
const SCHEMAS = '#/components/schemas/';
const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif', 'image/tiff'];

const reference = (name: string) => ({ $ref: `${SCHEMAS}${name}` });
const json = (description: string, name: string) => ({
  description,
  content: { 'application/json': { schema: reference(name) } },
});
const retried = (description: string) => ({
  ...json(description, 'Error'),
  headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } },
});

/** What the server answers, for programs: OpenAPI 3.1, with the schemas that the server itself checks with. */
export function openApiDocument(version: string): object {
  const { schemas } = z.toJSONSchema(documented, { uri: (id) => `${SCHEMAS}${id}` });
  const plain = Object.entries(schemas).map(([name, { $id: _id, $schema: _schema, ...schema }]) => [name, schema] as const);
  return {
    openapi: '3.1.0',
    info: { title: 'ageband', version, description: 'Tells the age band of the faces in pictures. Nothing that is sent is kept.' },
    paths: {
      '/v1/predict': { post: predictOperation() },
      '/v1/models': {
        get: { operationId: 'models', summary: 'The models that there are', responses: { 200: json('The models.', 'Models') } },
      },
      '/healthz': {
        get: { operationId: 'health', summary: 'Whether the server is there', security: [], responses: { 200: json('It is.', 'Health') } },
      },
      '/metrics': {
        get: {
          operationId: 'metrics',
          summary: 'Figures for Prometheus',
          responses: { 200: { description: 'Figures.', content: { 'text/plain': { schema: { type: 'string' } } } } },
        },
      },
    },
    security: [{}, { token: [] }],
    components: {
      schemas: Object.fromEntries(plain),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Needed where the server was started with a token.' },
      },
    },
  };
}

function predictOperation(): object {
  const raw = Object.fromEntries(PICTURE_TYPES.map((type) => [type, {}]));
  return {
    operationId: 'predict',
    summary: 'The faces of pictures and their bands',
    description:
      `One picture as the body, or up to ${MOST_PICTURES} as files of a form, in ${MOST_BYTES / 2 ** 20} MiB together and of ` +
      `${MOST_PIXELS / 1e6} million pixels each. What a picture is is told by its content, not by its name or type.`,
    parameters: [
      {
        name: 'faces',
        in: 'query',
        description: '`all` finds every face; `none` takes each picture for a face, whole, as a crop is.',
        schema: { type: 'string', enum: ['all', 'none'], default: 'all' },
      },
    ],
    requestBody: {
      required: true,
      content: {
        ...raw,
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: { picture: { type: 'array', items: { type: 'string', contentMediaType: 'image/*' } } },
          },
        },
      },
    },
    responses: {
      200: json(
        'An answer for each picture, in order. A picture of a form that cannot be read has its error there; where none can, ' +
          'the request fails as a picture by itself does.',
        'Predictions',
      ),
      400: json('There is no picture, there are too many, or the form or the query is damaged.', 'Error'),
      401: json('The token is missing or wrong.', 'Error'),
      403: json('The request comes from another site.', 'Error'),
      413: json('Too many bytes or pixels.', 'Error'),
      415: json('This is no picture of these formats; SVG and HEIC are none.', 'Error'),
      422: json('The picture is truncated or damaged.', 'Error'),
      429: retried('Too much is under way.'),
      503: retried('Too much work is waiting, or the server is stopping.'),
      504: json('The picture took too long.', 'Error'),
    },
  };
}
