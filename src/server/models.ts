import { basename, extname, resolve } from 'node:path';
import { FormatError } from '../base/errors.js';
import { spansOfClasses } from '../data/bands.js';
import { BUILT_IN_MODEL } from '../evaluation/built-in-model.js';
import { loadModel, loadTrained } from '../evaluation/model-source.js';
import type { ModelsResponse } from './schemas.js';

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
      id: source === BUILT_IN_MODEL ? 'built-in' : basename(path, extname(path) === '.onnx' ? '.onnx' : ''),
      ...{ imageSize, alignment },
      classes: classes.map((name, index) => ({ name, ages: spans?.[index] ?? null })),
      explains: await hasLayers(source),
    },
  };
}

/** Whether the layers are known, of which heat maps need the gradients: those of a foreign ONNX file are not. */
async function hasLayers(source: string): Promise<boolean> {
  try {
    await loadTrained(source);
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}
