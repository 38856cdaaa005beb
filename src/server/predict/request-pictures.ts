import { Busboy } from '@fastify/busboy';
import { MOST_BYTES, MOST_BYTES_READ, MOST_PICTURES } from '../limits.js';
import { RequestError } from '../request-error.js';

/** What a form may hold beside files, which nobody reads. */
const MOST_FIELDS = 16;
const MOST_FIELD_BYTES = 1024;

/** A picture file as it was sent. */
export interface SentPicture {
  /** What the sender calls it; null for a body that is the picture itself. */
  readonly name: string | null;
  readonly bytes: Uint8Array;
}

/**
 * The pictures of a request: its body, or the files of a form.
 * @param hold is told of bytes before they are kept
 * @throws {RequestError} TOO_LARGE as soon as there are too many bytes, BAD_REQUEST when there is no picture, there are
 *   too many, or the form is damaged
 */
export async function picturesOf(request: Request, hold: (bytes: number) => void): Promise<SentPicture[]> {
  const type = request.headers.get('content-type') ?? '';
  const body = await readBody(request, hold);
  if (body.length === 0) throw new RequestError('BAD_REQUEST', 'the request holds no picture');
  if (!/^multipart\/form-data\b/i.test(type)) return [{ name: null, bytes: body }];
  const pictures = await filesOf(body, type);
  if (pictures.length === 0) throw new RequestError('BAD_REQUEST', 'the form holds no file');
  if (pictures.length > MOST_PICTURES) {
    throw new RequestError('BAD_REQUEST', `the form holds ${pictures.length} files; up to ${MOST_PICTURES} are taken at once`);
  }
  return pictures;
}

/**
 * Reads a body that nobody wants to the end, within bounds: a sender that is cut off would not hear why.
 * @throws {RequestError} always, the reason
 */
export async function refuse(request: Request, reason: RequestError): Promise<never> {
  await readBody(request, () => {
    throw reason;
  });
  throw reason;
}

async function readBody(request: Request, hold: (bytes: number) => void): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES_READ) throw tooLarge();
  let chunks: Uint8Array[] = [];
  let length = 0;
  let refusal: unknown;
  // Left early, the loop tells the sender to stop.
  for await (const chunk of piecesOf(request)) {
    length += chunk.length;
    if (length > MOST_BYTES_READ) throw tooLarge();
    if (length > MOST_BYTES) refusal ??= tooLarge();
    try {
      if (refusal === undefined) hold(chunk.length);
    } catch (error) {
      refusal = error;
    }
    if (refusal === undefined) chunks.push(chunk);
    else chunks = [];
  }
  if (refusal !== undefined) throw refusal as Error;
  return Buffer.concat(chunks);
}

/** @throws {RequestError} BAD_REQUEST when the sender hangs up */
async function* piecesOf({ body }: Request): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* (body ?? []) as AsyncIterable<Uint8Array>;
  } catch {
    throw new RequestError('BAD_REQUEST', 'the request was cut off');
  }
}

function tooLarge(): RequestError {
  return new RequestError('TOO_LARGE', `the request is too large; up to ${MOST_BYTES / 2 ** 20} MiB are taken`);
}

/** The files of a form, of which one more than is allowed is kept, so that it can be told. */
async function filesOf(body: Uint8Array, type: string): Promise<SentPicture[]> {
  const files: SentPicture[] = [];
  const limits = { files: MOST_PICTURES + 1, fields: MOST_FIELDS, parts: MOST_PICTURES + MOST_FIELDS, fieldSize: MOST_FIELD_BYTES };
  try {
    const form = new Busboy({ headers: { 'content-type': type }, limits });
    await new Promise<void>((resolve, reject) => {
      form.on('file', (_field, stream, name) => {
        const chunks: Uint8Array[] = [];
        stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
        stream.on('end', () => files.push({ name, bytes: Buffer.concat(chunks) }));
        stream.on('error', reject);
      });
      form.on('error', reject).on('finish', resolve);
      form.end(body);
    });
  } catch {
    throw new RequestError('BAD_REQUEST', 'the form is damaged');
  }
  return files;
}
