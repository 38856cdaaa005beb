import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { spansOfClasses } from '../data/bands.js';
import { loadModel } from '../evaluation/model-source.js';
import type { ModelsResponse } from './schemas.js';

/** The model that is taken where none is named; none ships with the package yet. */
export function defaultModel(): string | undefined {
  return undefined;
}

/** The model that a server answers with. */
export interface ServedModel {
  readonly description: ModelsResponse['models'][number];
  /** Folder of a run, or path of an ONNX file. */
  readonly source: string;
}

/**
 * Checks that a model can be used, before anything is promised.
 * @throws {FileError} {ConfigError} {FormatError} when there is no such model, or it cannot be used
 */
export async function describeModel(source: string): Promise<ServedModel> {
  const { classes, imageSize, alignment = null } = await loadModel(source);
  const spans = spansOfClasses(classes);
  const path = resolve(source);
  return {
    source,
    description: {
      id: basename(path, extname(path) === '.onnx' ? '.onnx' : ''),
      ...{ imageSize, alignment },
      classes: classes.map((name, index) => ({ name, ages: spans?.[index] ?? null })),
      // A heat map needs gradients: a checkpoint's network has them, an exported one has not.
      explains: (await stat(source)).isDirectory(),
    },
  };
}
