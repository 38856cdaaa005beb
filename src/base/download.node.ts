/** A file from an address that the user gave. */
import type { AttemptOptions } from './attempts.node.js';
import { isPassing, mayPass, withAttempts } from './attempts.node.js';
import { FileError, messageOf } from './errors.js';
import type { ByteListener } from './files.node.js';
import { TimeLimits } from './time-limits.node.js';

/** The largest file that is fetched, in bytes: VGG-16 with its top takes 550 MB. */
const MOST_BYTES = 2e9;
/** Bytes that come between two reports. */
const PIECE = 2 ** 20;
const MOST_REDIRECTS = 5;
/** Seconds without an answer, or without a further byte, after which it is given up. */
const PATIENCE = 60;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export interface DownloadOptions extends AttemptOptions {
  /** Is told how many bytes have come, of how many; where the server does not say it, of as many. */
  readonly onRead?: ByteListener;
  /** The largest file that is fetched, in bytes; 2 GB by default. */
  readonly limit?: number;
  /** Seconds without a byte after which it is given up; 60 by default. */
  readonly patience?: number;
  /** Seconds after which it is given up although bytes come; without it, there is no end. */
  readonly deadline?: number;
  /** Whether http will do for other machines than this one. */
  readonly plain?: boolean;
  /** Whether a redirect may lead to an address; to all by default that are https, or http where that will do. */
  readonly mayFollow?: (address: string) => boolean;
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
  return await withAttempts(() => attemptDownload(address, options), options);
}

async function attemptDownload(address: string, options: DownloadOptions): Promise<Uint8Array> {
  const { onRead = () => undefined, signal, limit = MOST_BYTES, patience = PATIENCE, deadline } = options;
  const limits = new TimeLimits(patience, deadline);
  const fail = (reason: string): never => {
    throw new FileError(address, reason);
  };
  const failForNow = (reason: string, hint: string, cause?: unknown): never => {
    throw mayPass(new FileError(address, reason, { hint, cause }));
  };
  const signals = [limits.signal, ...(signal ? [signal] : [])];
  try {
    const response = await follow(address, AbortSignal.any(signals), options);
    // Some servers compress whatever one asks for; then it is the length of what has been undone by now.
    const total = isEncoded(response.headers) ? 0 : Number(response.headers.get('content-length') ?? 0);
    if (total > limit) fail(`has ${total} bytes, more than the ${limit} that are fetched`);
    const chunks: Uint8Array[] = [];
    let [done, told] = [0, 0];
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      limits.heard();
      chunks.push(chunk);
      done += chunk.length;
      if (done > limit) fail(`has more than the ${limit} bytes that are fetched`);
      if (done - told < PIECE) continue;
      told = done;
      onRead(done, Math.max(total, done));
    }
    if (total > 0 && done !== total) failForNow(`was cut off after ${done} of ${total} bytes`, 'Try again.');
    onRead(done, done);
    return Buffer.concat(chunks, done);
  } catch (error) {
    if (error instanceof FileError) throw error;
    signal?.throwIfAborted();
    return failForNow(`cannot be fetched: ${reasonOf(error)}`, 'Check the address and the connection, or fetch the file yourself and name its path.', error);
  } finally {
    limits.end();
  }
}

/** Goes where redirects lead, each checked before it is asked. */
async function follow(address: string, signal: AbortSignal, { plain = false, mayFollow = () => true }: DownloadOptions): Promise<Response> {
  const start = parsed(address, address);
  const isFit = ({ protocol, hostname }: URL): boolean => protocol === 'https:' || (protocol === 'http:' && (plain || LOOPBACK.test(hostname)));
  if (!isFit(start)) {
    const reason = plain ? 'is no http or https address' : 'is no https address';
    throw new FileError(address, reason, { hint: plain ? 'Check the address.' : 'Files are fetched by https alone.' });
  }
  if (start.username !== '' || start.password !== '') throw new FileError(address, 'holds a user or password, which nothing is fetched with');
  let url = start;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    // Compressed by the way, a file would have another length than the one that is told.
    const response = await fetch(url, { redirect: 'manual', signal, headers: { 'accept-encoding': 'identity' } });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) {
      if (response.ok) return response;
      await response.body?.cancel();
      throw refusal(address, response);
    }
    await response.body?.cancel();
    const from = url;
    url = parsed(location, address, url);
    const staysFit = url.protocol === 'https:' || url.origin === start.origin || (plain && from.protocol === 'http:' && isFit(url));
    if (!staysFit) throw new FileError(address, `leads to ${url.protocol}//${url.host}, which is no https address`);
    if (!mayFollow(url.href)) throw new FileError(address, `leads to ${url.protocol}//${url.host}, from which nothing may be fetched`);
  }
  throw new FileError(address, `leads on and on, more than ${MOST_REDIRECTS} times`);
}

/** What a server says that does not give the file. */
function refusal(address: string, { status, statusText, headers }: Response): FileError {
  const error = new FileError(address, `cannot be fetched: the server answers ${status} ${statusText}`.trimEnd(), { hint: 'Check the address.' });
  return isPassing(status) ? mayPass(error, Number(headers.get('retry-after')) || 0) : error;
}

function isEncoded(headers: Headers): boolean {
  return !['', 'identity'].includes(headers.get('content-encoding') ?? '');
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
