import * as S3 from '@aws-sdk/client-s3';
import { listObjects } from '../../src/data/s3.js';

/** Bytes of a part of an object that is sent in several: the least that services take. */
const PART = 5 * 2 ** 20;
const AT_ONCE = 25;

/** A part of a bucket to write to. */
export interface Store {
  readonly bucket: string;
  /** `s3://bucket/prefix/`. */
  readonly address: string;
  put: (name: string, body: Uint8Array, more?: Partial<S3.PutObjectCommandInput>) => Promise<void>;
  putMany: (names: readonly string[], body: Uint8Array) => Promise<void>;
  /** Sends an object in several parts. */
  putInParts: (name: string, body: Uint8Array) => Promise<void>;
  removeAll: () => Promise<void>;
}

export function openStore(bucket: string, prefix: string): Store {
  const client = new S3.S3Client({ forcePathStyle: true });
  const address = `s3://${bucket}/${prefix}`;
  const keyOf = (name: string) => ({ Bucket: bucket, Key: prefix + name });
  const put: Store['put'] = async (name, body, more = {}) => {
    await client.send(new S3.PutObjectCommand({ ...keyOf(name), Body: body, ...more }));
  };
  return {
    bucket,
    address,
    put,
    putMany: async (names, body) => {
      for (let start = 0; start < names.length; start += AT_ONCE) {
        await Promise.all(names.slice(start, start + AT_ONCE).map((name) => put(name, body)));
      }
    },
    putInParts: async (name, body) => {
      const { UploadId } = await client.send(new S3.CreateMultipartUploadCommand(keyOf(name)));
      const Parts: S3.CompletedPart[] = [];
      for (let start = 0; start < body.length; start += PART) {
        const part = { ...keyOf(name), UploadId, PartNumber: Parts.length + 1, Body: body.subarray(start, start + PART) };
        const { ETag } = await client.send(new S3.UploadPartCommand(part));
        Parts.push({ ETag, PartNumber: part.PartNumber });
      }
      await client.send(new S3.CompleteMultipartUploadCommand({ ...keyOf(name), UploadId, MultipartUpload: { Parts } }));
    },
    removeAll: async () => {
      const keys = (await addressesBelow(address)).map((found) => found.slice(`s3://${bucket}/`.length));
      for (let start = 0; start < keys.length; start += AT_ONCE) {
        const some = keys.slice(start, start + AT_ONCE);
        await Promise.all(some.map((Key) => client.send(new S3.DeleteObjectCommand({ Bucket: bucket, Key }))));
      }
    },
  };
}

/** The addresses of all objects below one. */
export async function addressesBelow(address: string): Promise<string[]> {
  const found: string[] = [];
  for await (const object of listObjects(address)) found.push(object);
  return found;
}
