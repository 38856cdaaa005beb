import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download, isAddress } from './download.node.js';
import { FileError } from './errors.js';

const CONTENT = Uint8Array.from({ length: 3 * 2 ** 20 }, (_, index) => index % 251);

const ANSWERS: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/file': (_, response) => response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT),
  '/open': (_, response) => response.writeHead(200).end(CONTENT),
  '/moved': (_, response) => response.writeHead(302, { location: '/file' }).end(),
  '/circle': (_, response) => response.writeHead(302, { location: '/circle' }).end(),
  '/elsewhere': (_, response) => response.writeHead(302, { location: 'http://example.org/weights' }).end(),
  '/local': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/nonsense': (_, response) => response.writeHead(302, { location: 'http://[' }).end(),
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write(CONTENT.subarray(0, 10));
    setTimeout(() => response.destroy(), 50);
  },
  '/silent': (_, response) => void response.writeHead(200, { 'content-length': 1000 }).write(CONTENT.subarray(0, 10)),
};

const server = createServer((request, response) => {
  const answer = ANSWERS[request.url!];
  if (answer) answer(request, response);
  else response.writeHead(404).end('nothing');
});
let origin = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('download', () => {
  it.each(['/file', '/open', '/moved'])('fetches %s and tells how far it is', async (path) => {
    const told: [number, number][] = [];
    const bytes = await download(`${origin}${path}`, { onRead: (...progress) => told.push(progress) });
    expect(Buffer.compare(bytes, CONTENT)).toBe(0);
    expect(told.at(-1)).toEqual([CONTENT.length, CONTENT.length]);
    expect(told.length).toBeGreaterThan(1);
    if (path === '/file') expect(told.every(([, total]) => total === CONTENT.length)).toBe(true);
  });

  it.each<[string, RegExp]>([
    ['/missing', /\/missing: cannot be fetched: the server answers 404 Not Found$/],
    ['/circle', /leads on and on, more than 5 times$/],
    ['/elsewhere', /leads to http:\/\/example\.org, which is no https address$/],
    ['/local', /leads to file:\/\/, which is no https address$/],
    ['/nonsense', /is or leads to no address: http:\/\/\[$/],
    ['/cut', /cannot be fetched: |was cut off/],
  ])('refuses %s', async (path, message) => {
    const attempt = download(`${origin}${path}`);
    await expect(attempt).rejects.toThrow(FileError);
    await expect(attempt).rejects.toThrow(message);
  });

  it.each(['/file', '/open'])('refuses what is too large at %s', async (path) => {
    await expect(download(`${origin}${path}`, { limit: 2e6 })).rejects.toThrow(/ 2000000 /);
  });

  it('gives up a server that falls silent', async () => {
    await expect(download(`${origin}/silent`, { patience: 0.2 })).rejects.toThrow('nothing came for 0.2 seconds');
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const attempt = download(`${origin}/silent`, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('stopped')), 100);
    await expect(attempt).rejects.toThrow('stopped');
  });

  it.each(['http://example.org/x', 'ftp://127.0.0.1/x', 'file:///etc/passwd', 'http://127.0.0.1.example.org/x'])(
    'asks no other address, such as %s',
    async (address) => {
      await expect(download(address)).rejects.toThrow('is no https address');
    },
  );
});

it.each([
  ['https://example.org/a.h5', true],
  ['weights/a.h5', false],
  ['C:\\weights\\a.h5', false],
  ['/a://b', false],
])('isAddress(%j) is %s', (text, expected) => {
  expect(isAddress(text)).toBe(expected);
});
