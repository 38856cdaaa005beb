import type { ServerResponse } from 'node:http';
import { startHttp } from './http.js';

const KEY = 'a-key';
/** Objects of a page of a list. */
const PAGE = 2;

type Disturb = (url: string, response: ServerResponse) => boolean;

/**
 * As much of an S3 service as the client asks for when it lists and gets objects: paths of the form `/bucket/key`, pages,
 * errors without a message, as Ceph sends them, and nothing without the signature of the one user that it knows.
 * @param objects by `bucket/key`
 * @param disturb may answer a request in another way, and then says so
 */
export async function startS3(objects: ReadonlyMap<string, Uint8Array>, disturb: Disturb = () => false) {
  const { origin, asked } = await startHttp((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://s3');
    const fail = (status: number, code: string): void => {
      response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`);
    };
    if (request.headers.authorization?.includes(`AWS4-HMAC-SHA256 Credential=${KEY}/`) !== true) {
      fail(403, 'InvalidAccessKeyId');
      return;
    }
    if (disturb(request.url!, response)) return;
    const path = decodeURIComponent(pathname.slice(1));
    if (searchParams.get('list-type') === '2') {
      const bucket = path.replace(/\/$/, '');
      const start = `${bucket}/${searchParams.get('prefix') ?? ''}`;
      const keys = [...objects.keys()].filter((name) => name.startsWith(start)).map((name) => name.slice(bucket.length + 1)).sort();
      const from = Number(searchParams.get('continuation-token') ?? 0);
      const page = keys.slice(from, from + PAGE).map((key) => `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key></Contents>`);
      const more = from + PAGE < keys.length;
      const next = more ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : '';
      const body = `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${page.join('')}</ListBucketResult>`;
      response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
      return;
    }
    const object = objects.get(path);
    if (object === undefined) fail(404, 'NoSuchKey');
    else response.writeHead(200, { 'content-length': object.length }).end(object);
  });
  // The client warns of old versions of Node.
  const quiet = { NODE_NO_WARNINGS: '1' };
  const environment = { ...quiet, AWS_ENDPOINT_URL: origin, AWS_REGION: 'nowhere-1', AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: 'a-secret' };
  return { environment, asked };
}
