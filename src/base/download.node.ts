/** A file from an address that the user gave. */
import { FileError, messageOf } from './errors.js';
import type { ByteListener } from './files.node.js';

/** The largest file that is fetched, in bytes: VGG-16 with its top takes 550 MB. */
const MOST_BYTES = 2e9;
/** Bytes that come between two reports. */
const PIECE = 2 ** 20;
const MOST_REDIRECTS = 5;
/** Seconds without an answer, or without a further byte, after which it is given up. */
const PATIENCE = 60;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export interface DownloadOptions {
  /** Is told how many bytes have come, of how many; where the server does not say it, of as many. */
  readonly onRead?: ByteListener;
  readonly signal?: AbortSignal;
  /** The largest file that is fetched, in bytes; 2 GB by default. */
  readonly limit?: number;
  /** Seconds without a byte after which it is given up; 60 by default. */
  readonly patience?: number;
}

/** Whether a text is an address and no path. */
export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text);
}

/**
 * Fetches a file by https, or by http from this machine. Redirects lead to https addresses alone.
 * @throws {FileError} when the address is another, the server refuses or falls silent, or the file is too large or cut off
 */
export async function download(address: string, options: DownloadOptions = {}): Promise<Uint8Array> {
  const { onRead = () => undefined, signal, limit = MOST_BYTES, patience = PATIENCE } = options;
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error(`nothing came for ${patience} seconds`)), patience * 1000);
  };
  const fail = (reason: string, hint?: string, cause?: unknown): never => {
    throw new FileError(address, reason, { ...(hint === undefined ? {} : { hint }), cause });
  };
  const signals = [silence.signal, ...(signal ? [signal] : [])];
  try {
    wait();
    const response = await follow(address, AbortSignal.any(signals));
    const total = Number(response.headers.get('content-length') ?? 0);
    if (total > limit) fail(`has ${total} bytes, more than the ${limit} that are fetched`);
    const chunks: Uint8Array[] = [];
    let [done, told] = [0, 0];
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      wait();
      chunks.push(chunk);
      done += chunk.length;
      if (done > limit) fail(`has more than the ${limit} bytes that are fetched`);
      if (done - told < PIECE) continue;
      told = done;
      onRead(done, Math.max(total, done));
    }
    if (total > 0 && done !== total) fail(`was cut off after ${done} of ${total} bytes`, 'Try again.');
    onRead(done, done);
    return Buffer.concat(chunks, done);
  } catch (error) {
    if (error instanceof FileError) throw error;
    signal?.throwIfAborted();
    return fail(`cannot be fetched: ${reasonOf(error)}`, 'Check the address and the connection, or fetch the file yourself and name its path.', error);
  } finally {
    clearTimeout(timer);
  }
}

/** Goes where redirects lead, each checked before it is asked. */
async function follow(address: string, signal: AbortSignal): Promise<Response> {
  const start = parsed(address, address);
  if (start.protocol !== 'https:' && !(start.protocol === 'http:' && LOOPBACK.test(start.hostname))) {
    throw new FileError(address, 'is no https address', { hint: 'Files are fetched by https alone.' });
  }
  let url = start;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    // Compressed by the way, a file would have another length than the one that is told.
    const response = await fetch(url, { redirect: 'manual', signal, headers: { 'accept-encoding': 'identity' } });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) {
      if (response.ok) return response;
      await response.body?.cancel();
      throw new FileError(address, `cannot be fetched: the server answers ${response.status} ${response.statusText}`.trimEnd(), {
        hint: 'Check the address.',
      });
    }
    await response.body?.cancel();
    url = parsed(location, address, url);
    if (url.protocol !== 'https:' && url.origin !== start.origin) {
      throw new FileError(address, `leads to ${url.protocol}//${url.host}, which is no https address`);
    }
  }
  throw new FileError(address, `leads on and on, more than ${MOST_REDIRECTS} times`);
}

function parsed(text: string, address: string, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch (error) {
    throw new FileError(address, `is or leads to no address: ${text}`, { cause: error });
  }
}

/** `fetch` says "fetch failed"; what failed is the cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return messageOf(cause === undefined ? error : cause);
}
