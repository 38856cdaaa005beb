import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download, isAddress } from './download.node.js';
import { FileError } from './errors.js';

const CONTENT = Uint8Array.from({ length: 3 * 2 ** 20 }, (_, index) => index % 251);
const COMPRESSED = gzipSync(CONTENT);

const asked = { busy: 0, missing: 0 };
const ANSWERS: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/file': (_, response) => response.writeHead(200, { 'content-length': CONTENT.length }).end(CONTENT),
  '/open': (_, response) => response.writeHead(200).end(CONTENT),
  '/compressed': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': COMPRESSED.length }).end(COMPRESSED),
  '/moved': (_, response) => response.writeHead(302, { location: '/file' }).end(),
  '/circle': (_, response) => response.writeHead(302, { location: '/circle' }).end(),
  '/elsewhere': (_, response) => response.writeHead(302, { location: 'http://example.org/weights' }).end(),
  '/local': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/nonsense': (_, response) => response.writeHead(302, { location: 'http://[' }).end(),
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write(CONTENT.subarray(0, 10));
    setTimeout(() => response.destroy(), 50);
  },
  '/busy': (_, response) => {
    if (asked.busy++ < 2) response.writeHead(503, { 'retry-after': '0' }).end();
    else response.writeHead(200).end('at last');
  },
  '/drip': (_, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  },
  '/silent': (_, response) => void response.writeHead(200, { 'content-length': 1000 }).write(CONTENT.subarray(0, 10)),
};

const server = createServer((request, response) => {
  const answer = ANSWERS[request.url!];
  if (request.url === '/missing') asked.missing++;
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
  it.each(['/file', '/open', '/moved', '/compressed'])('fetches %s and tells how far it is', async (path) => {
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

  it('gives up a server that gives a little now and then for ever', async () => {
    await expect(download(`${origin}/drip`, { patience: 5, deadline: 0.3 })).rejects.toThrow('it took more than 0.3 seconds');
  });

  it('tries again what may pass, and nothing else', async () => {
    const bytes = await download(`${origin}/busy`, { attempts: 3, delay: 0.05 });
    expect(Buffer.from(bytes).toString()).toBe('at last');
    expect(asked.busy).toBe(3);
    asked.busy = -5;
    await expect(download(`${origin}/busy`, { attempts: 3, delay: 0.05 })).rejects.toThrow('the server answers 503 Service Unavailable');
    expect(asked.busy).toBe(-2);
    asked.missing = 0;
    await expect(download(`${origin}/missing`, { attempts: 3, delay: 0.05 })).rejects.toThrow('404');
    expect(asked.missing).toBe(1);
    await expect(download('http://127.0.0.1:1/x', { attempts: 2, delay: 0.05 })).rejects.toThrow(/ECONNREFUSED|bad port/);
  });

  it('goes by http and follows only where it may when it is told so', async () => {
    expect((await download(`${origin}/moved`, { plain: true })).length).toBe(CONTENT.length);
    const mayFollow = (address: string): boolean => !address.endsWith('/file');
    await expect(download(`${origin}/moved`, { plain: true, mayFollow })).rejects.toThrow(/leads to http:\/\/127\.0\.0\.1:\d+, from which nothing may be fetched/);
    await expect(download(`${origin}/local`, { plain: true })).rejects.toThrow('leads to file://');
    await expect(download(origin.replace('//', '//user:secret@'))).rejects.toThrow('holds a user or password');
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
