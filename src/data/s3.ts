/** Objects of S3 and of services that speak its language. The client belongs to those who use it: it is no dependency. */
import type * as S3 from '@aws-sdk/client-s3';
import { ConfigError, FileError, messageOf } from '../base/errors.js';
import { parseS3 } from './addresses.js';

const ATTEMPTS = 4;
/** Milliseconds until a connection stands, and between two bytes. */
const PATIENCE = 30_000;

type Library = typeof S3;
let opened: Promise<{ readonly library: Library; readonly client: S3.S3Client }> | undefined;

/**
 * The bytes of an object.
 * @param limit bytes that it may have
 * @throws {FileError} when it is not there, may not be read or is too large
 * @throws {ConfigError} when the client is not installed, or does not know where to ask and as whom
 */
export async function fetchObject(address: string, limit: number): Promise<Uint8Array> {
  const { library, client } = await openClient();
  const { bucket, key } = parseS3(address)!;
  try {
    const { Body: body, ContentLength: length } = await client.send(new library.GetObjectCommand({ Bucket: bucket, Key: key }));
    return await readBody(body, length, limit, address);
  } catch (error) {
    throw error instanceof FileError ? error : faultOf(error, address);
  }
}

/**
 * The addresses of all objects whose keys begin like an address, in the order of the service.
 * @throws as {@link fetchObject}
 */
export async function* listObjects(address: string): AsyncGenerator<string, void, undefined> {
  const { library, client } = await openClient();
  const { bucket, key } = parseS3(address)!;
  try {
    for await (const page of library.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: key })) {
      for (const { Key: found } of page.Contents ?? []) if (found !== undefined) yield `s3://${bucket}/${found}`;
    }
  } catch (error) {
    throw faultOf(error, address);
  }
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
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = AWS_REGION || AWS_DEFAULT_REGION;
  const options: S3.S3ClientConfig = {
    maxAttempts: ATTEMPTS,
    // Other services than Amazon's have one name for all buckets, and do not send its checksums.
    forcePathStyle: (AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL) !== undefined,
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: PATIENCE, requestTimeout: PATIENCE },
    ...(region ? { region } : {}),
  };
  try {
    return { library, client: new library.S3Client(options) };
  } catch (error) {
    throw faultOf(error, 's3://');
  }
}

async function readBody(body: S3.GetObjectCommandOutput['Body'], length = 0, limit: number, address: string): Promise<Uint8Array> {
  const stream = body as AsyncIterable<Uint8Array> & { destroy?: () => void };
  const chunks: Uint8Array[] = [];
  let done = 0;
  const tooLarge = (): FileError => {
    stream.destroy?.();
    return new FileError(address, `has more than the ${limit} bytes that are fetched`);
  };
  if (length > limit) throw tooLarge();
  for await (const chunk of stream) {
    chunks.push(chunk);
    done += chunk.length;
    if (done > limit) throw tooLarge();
  }
  if (done < length) throw new FileError(address, `was cut off after ${done} of ${length} bytes`);
  return Buffer.concat(chunks, done);
}

/** What the service or its client says; what is wrong for all objects ends the job. */
function faultOf(error: unknown, address: string): Error {
  const { name } = error as Error;
  const reason = messageOf(error).trim() || name;
  if (name === 'CredentialsProviderError' || /region (is missing|not accepted)/i.test(reason)) {
    return new ConfigError(`s3: ${reason}`, {
      hint: 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL say where to ask and as whom, also where workers run.',
    });
  }
  return new FileError(address, `cannot be fetched: ${name === 'Error' || reason === name ? reason : `${name}: ${reason}`}`);
}
