/** The model of a prediction job: a copy in its folder, so that all pictures are classified by the same one. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FormatError } from '../../base/errors.js';
import { readFileIfPresent, writeFileAtomic } from '../../base/files.node.js';

/** What a model is known by: the SHA-256 of its bytes, in hexadecimal. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Puts the model into the folder of a job. */
export async function keepModel(out: string, bytes: Uint8Array): Promise<void> {
  const path = modelFile(out);
  const before = await readFileIfPresent(path);
  if (before === undefined || digestOf(before) !== digestOf(bytes)) await writeFileAtomic(path, bytes);
}

/**
 * @returns the path of the model in the folder of a job
 * @throws {FormatError} when it is not there, or another than the job began with
 */
export async function requireModel(out: string, digest: string): Promise<string> {
  const path = modelFile(out);
  const bytes = await readFileIfPresent(path);
  if (bytes !== undefined && digestOf(bytes) === digest) return path;
  throw new FormatError(path, bytes === undefined ? 'is not there' : 'is another model than the job began with', {
    hint: 'Call the command of the job again: it writes the model anew.',
  });
}

function modelFile(out: string): string {
  return join(out, 'model.onnx');
}
