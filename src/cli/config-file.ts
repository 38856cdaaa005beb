import { ConfigError, FileError, messageOf } from '../base/errors.js';
import { readJsonObject } from '../base/files.node.js';
import { parseConfig } from '../training/config.js';

/**
 * The settings of a training in a JSON file, named as in the `config.json` of a run. Not all need to be there.
 * @throws {FileError} {FormatError} when it cannot be read or is no JSON object
 * @throws {ConfigError} naming the file and every setting that cannot be used
 */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const settings = await readJsonObject(path);
  if (settings === undefined) throw new FileError(path, 'cannot be read: no such file or folder', { hint: 'Check the path.' });
  try {
    parseConfig({ data: '.', ...settings });
  } catch (error) {
    throw new ConfigError(`${path}: ${messageOf(error)}`, { cause: error });
  }
  return settings;
}

/** The settings of a file, with those that stand on the command line in their place. */
export function withGiven(file: Record<string, unknown>, given: Record<string, unknown>): Record<string, unknown> {
  if (!('data' in given)) return { ...file, ...given };
  // Where its pictures lie and what its classes are belongs to the data set that the file names.
  const { root: _root, classes: _classes, ...rest } = file;
  return { ...rest, ...given };
}
