/** Pictures that have an address instead of a path: `https://host/a.jpg`, `http://...`, `s3://bucket/key`. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { isAddress } from '../base/download.node.js';
import { safeName } from './safe-names.js';

const LONGEST_ADDRESS = 4096;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/** An object of an S3 service, or the beginning of the keys of several. */
export interface S3Place {
  readonly bucket: string;
  /** As it is: nothing in an `s3://` address is escaped. */
  readonly key: string;
}

/** Undefined for what is no address of S3. */
export function parseS3(address: string): S3Place | undefined {
  const match = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(?<key>.*))?$/s.exec(address);
  return match === null ? undefined : { bucket: match.groups!['bucket']!, key: match.groups!['key'] ?? '' };
}

/** Why nothing can be fetched from an address; undefined when it looks as if it could. */
export function addressFault(address: string): string | undefined {
  if (address.length > LONGEST_ADDRESS) return `is longer than ${LONGEST_ADDRESS} characters`;
  if (CONTROL.test(address)) return 'holds a character that cannot be seen';
  if (/^s3:/i.test(address)) return (parseS3(address)?.key ?? '') === '' ? 'is no s3://bucket/key' : undefined;
  const url = isAddress(address) && URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return 'is no address of http, https or s3';
  return url.username === '' && url.password === '' ? undefined : 'holds a user or password, which would stand in all lists';
}

/**
 * A relative path with `/` that stands for an address, such as `host/album/a.jpg` or `bucket/album/a.jpg`, in names that every
 * disk takes. What stands behind a `?` tells pictures apart: it becomes a few digits.
 */
export function pathOfAddress(address: string): string {
  const place = parseS3(address);
  if (place !== undefined) return safePath([place.bucket, ...place.key.split('/')]);
  const { host, pathname, search } = new URL(address);
  const path = safePath([host, ...pathname.split('/').map(decoded)]);
  if (search === '') return path;
  const { dir, name, ext } = posix.parse(path);
  return posix.join(dir, `${name}-${createHash('sha256').update(search).digest('hex').slice(0, 8)}${ext}`);
}

function safePath(steps: readonly string[]): string {
  return steps.filter((step) => step !== '').map(safeName).join('/');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whether an address begins with one of those that are allowed, up to a `/`. */
export function isBelow(address: string, allowed: readonly string[]): boolean {
  const whole = normalised(address);
  return allowed.some((place) => {
    const start = normalised(place);
    return whole === start || whole.startsWith(start.endsWith('/') ? start : `${start}/`);
  });
}

/** As `fetch` would ask for it: without `..`, the name of the host in small letters. */
function normalised(address: string): string {
  return parseS3(address) === undefined && URL.canParse(address) ? new URL(address).href : address;
}
