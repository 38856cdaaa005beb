/** What anyone may send to the server: whole requests, byte by byte. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as serving from '../../../src/server/serve.js';
import type { Family } from '../format.js';
import { built } from '../format.js';
import { mutatedText } from '../mutations.js';
import { makeSmallRun, smallPicture } from '../small-run.js';

/** Seconds in which the server has to answer or hang up. */
const PATIENCE = 10;

function request(head: string, body: Uint8Array = Buffer.of(), headers: readonly string[] = []): Buffer {
  const lines = [head, 'Host: 127.0.0.1', 'Connection: close', ...(body.length > 0 ? [`Content-Length: ${body.length}`] : []), ...headers];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}

function form(...files: readonly Uint8Array[]): Buffer {
  const parts = files.flatMap((bytes, index) => [
    Buffer.from(`--b\r\nContent-Disposition: form-data; name="p${index}"; filename="${index}.png"\r\nContent-Type: image/png\r\n\r\n`),
    ...[bytes, Buffer.from('\r\n')],
  ]);
  return Buffer.concat([...parts, Buffer.from('--b\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--b--\r\n')]);
}

/** Sends bytes and ends. @returns what comes back until the server hangs up */
async function exchange(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  const abort = new AbortController();
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer = (answer + text).slice(0, 2000)));
  const closed = new Promise<void>((resolve) => socket.on('error', () => undefined).on('close', () => resolve()));
  socket.end(bytes);
  const late = await Promise.race([closed, sleep(PATIENCE * 1000, 'late' as const, { signal: abort.signal })]);
  abort.abort();
  socket.destroy();
  if (late === 'late') throw new Error(`no end within ${PATIENCE} seconds, so far: ${answer}`);
  return answer;
}

export async function openRequests(folder: string): Promise<Family> {
  const { serve } = await built<typeof serving>('server/serve.js');
  const server = await serve({ model: await makeSmallRun(folder), runs: folder, port: 0, workers: 1 });
  const port = Number(new URL(server.address).port);
  const [first, second] = [await smallPicture(1), await smallPicture(2)];
  const multipart = ['Content-Type: multipart/form-data; boundary=b'];
  const samples = [
    request('POST /v1/predict?faces=none HTTP/1.1', form(first, second), multipart),
    request('POST /v1/predict?faces=all HTTP/1.1', form(first), multipart),
    request('POST /v1/predict?faces=none HTTP/1.1', first, ['Content-Type: image/png', 'Authorization: Bearer x']),
    request('GET /v1/runs HTTP/1.1'),
    request('GET /v1/runs/comparison?run=run&run=../run&run=%00 HTTP/1.1'),
    request('GET /models/../../package.json HTTP/1.1', Buffer.of(), ['Accept-Encoding: gzip', 'Range: bytes=0-1']),
    request('GET /?token=0123456789abcdef HTTP/1.1', Buffer.of(), ['Cookie: ageband_token=%E0%A4%A', 'If-None-Match: "x"']),
  ];
  return {
    formats: [
      {
        name: 'http',
        cases: mutatedText(samples),
        read: async (bytes) => {
          const answer = await exchange(port, bytes);
          if (/^HTTP\/1\.1 5/.test(answer)) throw new Error(`the server failed: ${answer}`);
          const health = await exchange(port, request('GET /healthz HTTP/1.1'));
          if (!health.startsWith('HTTP/1.1 200')) throw new Error(`the server is ill: ${health}`);
        },
      },
    ],
    close: () => server.close(),
  };
}
