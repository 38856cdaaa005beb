import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { MiddlewareHandler } from 'hono';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.onnx': 'application/octet-stream',
};

/** The page as it was built, and the face networks. */
const PAGE = fileURLToPath(new URL('../web/', import.meta.url));
const FACE_MODELS = fileURLToPath(new URL('../../models/faces/', import.meta.url));

/** Names with a digest of the content never come to mean anything else. */
const FOREVER = 'public, max-age=31536000, immutable';

interface PageFile {
  readonly path: string;
  readonly size: number;
  readonly type: string;
  readonly caching: string;
}

/**
 * The files that may be asked for, by their paths. They are listed once: what a request names is looked up in the list, and
 * never becomes a path.
 */
export async function listPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const [page, models] = await Promise.all([filesIn(PAGE, '/'), filesIn(FACE_MODELS, '/models/faces/')]);
  const files = new Map([...page, ...models].filter(([, { type }]) => type !== ''));
  const index = files.get('/index.html');
  return index === undefined ? files : files.set('/', index);
}

/** Answers with one of these files, or leaves the request to others. */
export function pageFiles(files: ReadonlyMap<string, PageFile>): MiddlewareHandler {
  return async (context, next) => {
    const file = files.get(context.req.path);
    if (file === undefined || !['GET', 'HEAD'].includes(context.req.method)) {
      await next();
      return;
    }
    const headers = { 'Content-Type': file.type, 'Content-Length': String(file.size), 'Cache-Control': file.caching };
    if (context.req.method === 'HEAD') return context.body(null, 200, headers);
    return context.body(Readable.toWeb(createReadStream(file.path)) as ReadableStream, 200, headers);
  };
}

async function filesIn(folder: string, prefix: string): Promise<[string, PageFile][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return await Promise.all(
    files.map(async ({ parentPath, name }): Promise<[string, PageFile]> => {
      const path = join(parentPath, name);
      const { size } = await stat(path);
      const address = `${prefix}${relative(folder, path).split(sep).join('/')}`;
      const caching = address.startsWith('/assets/') ? FOREVER : 'no-cache';
      return [address, { path, size, type: TYPES[extname(name)] ?? '', caching }];
    }),
  );
}
