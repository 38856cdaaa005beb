import { expect, it } from 'vitest';
import { openApiDocument } from './openapi.js';

/** Every value of a document, with the names on the way to it. */
function* walk(value: unknown, path: readonly string[] = []): Generator<[path: readonly string[], value: unknown]> {
  yield [path, value];
  if (typeof value === 'object' && value !== null) {
    for (const [name, part] of Object.entries(value)) yield* walk(part, [...path, name]);
  }
}

const document = openApiDocument('1.2.3') as { openapi: string; info: { version: string }; components: { schemas: object } };

it('is an OpenAPI document of version 3.1', () => {
  expect([document.openapi, document.info.version]).toEqual(['3.1.0', '1.2.3']);
});

it('points to nothing that it does not hold', () => {
  const targets = [...walk(document)].filter(([path]) => path.at(-1) === '$ref').map(([, target]) => target as string);
  expect(targets.length).toBeGreaterThan(10);
  const names = Object.keys(document.components.schemas);
  for (const target of targets) expect(names.map((name) => `#/components/schemas/${name}`)).toContain(target);
});

it('describes the schemas that the server checks its answers with', () => {
  expect(document.components.schemas).toMatchObject({
    Face: { required: ['box', 'score', 'roll', 'band', 'probabilities', 'age'], additionalProperties: false },
    Predictions: { properties: { pictures: { items: { $ref: '#/components/schemas/Picture' } } } },
  });
});
