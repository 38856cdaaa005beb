/**
 * Weights at an address that the runs of a job start from: fetched once, into the folder of the job, for all runs on all
 * machines. So they are the same for all of them, too, and workers need not be let out to fetch anything.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { download, isAddress } from '../../base/download.node.js';
import { ConfigError, FormatError } from '../../base/errors.js';
import type { ByteListener } from '../../base/files.node.js';
import { makeFolder, readJsonObject, writeFileAtomic, writeJsonObject } from '../../base/files.node.js';

/** SHA-256 of the weights, in hexadecimal, by their address. */
const digestsSchema = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
const ATTEMPTS = 4;

/**
 * Fetches what is not there yet, or is damaged.
 * @param out the folder of the job
 * @param sources paths and addresses; paths are passed over
 * @param signal when aborted, nothing further is fetched, and the result is not complete
 * @returns the path of the weights of each address
 * @throws {FileError} when they cannot be fetched or written
 * @throws {ConfigError} when other ones stand there than when the job began
 */
export async function keepWeights(
  out: string,
  sources: Iterable<unknown>,
  onRead: ByteListener,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const folder = resolve(out, 'weights');
  const kept = new Map<string, string>();
  for (const address of new Set(sources)) {
    if (typeof address !== 'string' || !isAddress(address)) continue;
    try {
      kept.set(address, await keep(folder, address, onRead, signal));
    } catch (error) {
      if (!signal.aborted) throw error;
      break;
    }
  }
  return kept;
}

async function keep(folder: string, address: string, onRead: ByteListener, signal: AbortSignal): Promise<string> {
  const path = join(folder, createHash('sha256').update(address).digest('hex').slice(0, 16));
  const known = await readDigests(folder);
  const before = known[address];
  if (before !== undefined && (await digestOfFile(path)) === before) return path;
  const bytes = await download(address, { onRead, signal, attempts: ATTEMPTS });
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (before !== undefined && before !== digest) {
    throw new ConfigError(`${address}: other weights stand there than when this job began`, {
      hint: `Choose another folder for the job, or put the weights of before back to ${path} (SHA-256 ${before}).`,
    });
  }
  await makeFolder(folder);
  await writeFileAtomic(path, bytes);
  await writeJsonObject(digestsFile(folder), { ...known, [address]: digest });
  return path;
}

function digestsFile(folder: string): string {
  return join(folder, 'digests.json');
}

async function readDigests(folder: string): Promise<Record<string, string>> {
  const parsed = digestsSchema.safeParse((await readJsonObject(digestsFile(folder))) ?? {});
  if (parsed.success) return parsed.data;
  throw new FormatError(digestsFile(folder), 'holds no digests of weights', { hint: 'Delete it: the weights are fetched anew.' });
}

/** Undefined when there is no file that can be read. */
async function digestOfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
