import { readFile } from 'node:fs/promises';
import { ConfigError, FormatError, messageOf } from '../base/errors.js';
import { fileError } from '../base/files.node.js';
import { parseConfig } from '../training/config.js';

/**
 * The settings of a training in a JSON file, named as in the `config.json` of a run. Not all need to be there.
 * @throws {FileError} {FormatError} when it cannot be read or is no JSON
 * @throws {ConfigError} naming the file and every setting that cannot be used
 */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(path, 'read', error);
  });
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw new FormatError(path, `is not JSON: ${messageOf(error)}`, { cause: error });
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw new FormatError(path, 'is not a JSON object');
  }
  try {
    parseConfig({ data: '.', ...settings });
  } catch (error) {
    throw new ConfigError(`${path}: ${messageOf(error)}`, { cause: error });
  }
  return { ...settings };
}

/** The settings of a file, with those that stand on the command line in their place. */
export function withGiven(file: Record<string, unknown>, given: Record<string, unknown>): Record<string, unknown> {
  if (!('data' in given)) return { ...file, ...given };
  // Where its pictures lie and what its classes are belongs to the data set that the file names.
  const { root: _root, classes: _classes, ...rest } = file;
  return { ...rest, ...given };
}
