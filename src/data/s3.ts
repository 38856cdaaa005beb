/** Objects of S3 and of services that speak its language. The client belongs to those who use it: it is no dependency. */
import type * as S3 from '@aws-sdk/client-s3';
import { mayPass, withAttempts } from '../base/attempts.node.js';
import { ConfigError, FileError } from '../base/errors.js';
import { TimeLimits } from '../base/time-limits.node.js';
import { parseS3 } from './addresses.js';
import { undoEncoding } from './content-encoding.js';
import { s3Fault } from './s3-fault.js';

/** When a request is given up, and how often it is tried. */
export interface RequestLimits {
  /** Seconds of an attempt without a byte. */
  readonly patience: number;
  /** Seconds for all of an attempt. */
  readonly deadline: number;
  readonly attempts: number;
}

/** For a page of a list. */
const LISTING: RequestLimits = { patience: 30, deadline: 60, attempts: 4 };

type Library = typeof S3;
let opened: Promise<{ readonly library: Library; readonly client: S3.S3Client }> | undefined;

/**
 * The bytes of an object, as they were before they were compressed for the way, if they were.
 * @param limits bytes that it may have; when it is given up
 * @throws {FileError} when it is not there, may not be read or is too large
 * @throws {ConfigError} when the client is not installed, does not know where to ask and as whom, or is refused as such
 */
export async function fetchObject(address: string, limits: RequestLimits & { readonly limit: number }): Promise<Uint8Array> {
  const { library, client } = await openClient();
  const { bucket, key } = parseS3(address)!;
  return await ask(address, 'fetched', limits, async (times) => {
    const command = new library.GetObjectCommand({ Bucket: bucket, Key: key });
    const object = await client.send(command, { abortSignal: times.signal });
    const bytes = await readBody(object, limits.limit, address, () => times.heard());
    return await undoEncoding(bytes, object.ContentEncoding, limits.limit, address);
  });
}

/**
 * The addresses of all objects whose keys begin like an address, in the order of the service.
 * @throws as {@link fetchObject}
 */
export async function* listObjects(address: string): AsyncGenerator<string, void, undefined> {
  const { library, client } = await openClient();
  const { bucket, key } = parseS3(address)!;
  let token: string | undefined;
  do {
    const input = { Bucket: bucket, Prefix: key, ContinuationToken: token };
    const page = await ask(address, 'listed', LISTING, async ({ signal }) =>
      await client.send(new library.ListObjectsV2Command(input), { abortSignal: signal }),
    );
    for (const { Key: found } of page.Contents ?? []) if (found !== undefined) yield `s3://${bucket}/${found}`;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

async function ask<Answer>(
  address: string,
  aim: 'fetched' | 'listed',
  { patience, deadline, attempts }: RequestLimits,
  request: (times: TimeLimits) => Promise<Answer>,
): Promise<Answer> {
  const attempt = async (): Promise<Answer> => {
    const times = new TimeLimits(patience, deadline);
    try {
      return await request(times);
    } catch (error) {
      if (error instanceof FileError) throw error;
      throw s3Fault(times.signal.aborted ? times.signal.reason : error, address, aim);
    } finally {
      times.end();
    }
  };
  return await withAttempts(attempt, { attempts });
}

async function openClient() {
  opened ??= openAnew();
  return await opened;
}

async function openAnew(): Promise<{ readonly library: Library; readonly client: S3.S3Client }> {
  const library = await import('@aws-sdk/client-s3').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ConfigError('s3: the package @aws-sdk/client-s3 is not installed, which speaks to S3', {
      hint: 'Install it beside ageband, also where workers run: npm install @aws-sdk/client-s3',
    });
  });
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = AWS_REGION || AWS_DEFAULT_REGION;
  const options: S3.S3ClientConfig = {
    // Its own attempts end within a second, and before the first byte: `ask` tries again.
    maxAttempts: 1,
    // Other services than Amazon's do not send its checksums.
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(region ? { region } : {}),
  };
  try {
    const client = new library.S3Client(options);
    const { endpointProvider } = client.config;
    // Other services have one name for all buckets. Whether one is asked, profiles say as well.
    client.config.endpointProvider = (where, context) =>
      endpointProvider({ ...where, ForcePathStyle: where.ForcePathStyle === true || where.Endpoint !== undefined }, context);
    return { library, client };
  } catch (error) {
    throw s3Fault(error, 's3://', 'listed');
  }
}

async function readBody(
  { Body: body, ContentLength: length = 0 }: S3.GetObjectCommandOutput,
  limit: number,
  address: string,
  heard: () => void,
): Promise<Uint8Array> {
  const stream = body as AsyncIterable<Uint8Array> & { destroy?: () => void };
  const chunks: Uint8Array[] = [];
  let done = 0;
  const tooLarge = (): FileError => {
    stream.destroy?.();
    return new FileError(address, `has more than the ${limit} bytes that are fetched`);
  };
  if (length > limit) throw tooLarge();
  for await (const chunk of stream) {
    heard();
    chunks.push(chunk);
    done += chunk.length;
    if (done > limit) throw tooLarge();
  }
  if (done < length) throw mayPass(new FileError(address, `was cut off after ${done} of ${length} bytes`));
  return Buffer.concat(chunks, done);
}
