import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { cpus } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Prediction } from '../src/evaluation/classify.js';
import { classify } from '../src/evaluation/classify.js';
import { MOST_BYTES, MOST_WAITING } from '../src/server/limits.js';
import { predictResponse } from '../src/server/schemas.js';
import { ageband, startAgeband } from './support/cli.js';
import { gallery, PORTRAIT } from './support/portrait.js';
import { drawing } from './support/pictures.js';
import { addressOf, sharedServer } from './support/server.js';

const server = sharedServer('small');

type Predictions = ReturnType<typeof predictResponse.parse>;

async function predict(body: string | Blob | FormData, query = ''): Promise<{ status: number; content: Predictions; error?: { code: string; message: string } }> {
  const response = await fetch(`${server.address}/v1/predict${query}`, { method: 'POST', body });
  const content = (await response.json()) as Predictions & { error?: { code: string; message: string } };
  return { status: response.status, content, ...(content.error && { error: content.error }) };
}

const blob = (bytes: Uint8Array): Blob => new Blob([Uint8Array.from(bytes)]);

/** The bytes of a form with files of these names. */
function formOf(files: Readonly<Record<string, Uint8Array>>): FormData {
  const form = new FormData();
  for (const [name, bytes] of Object.entries(files)) form.append('picture', blob(bytes), name);
  return form;
}

describe('POST /v1/predict', () => {
  it('says of a whole picture what `predict` says of it', async () => {
    const { status, content } = await predict(blob(await readFile(PORTRAIT)), '?faces=none');
    const [expected] = (await classify([PORTRAIT], { model: server.run })) as [Prediction];
    expect(status).toBe(200);
    const { whole } = content.pictures[0] as { whole: Pick<Prediction, 'band' | 'probabilities'> };
    expect(whole.band).toBe(expected.band);
    whole.probabilities.forEach(({ probability }, index) => {
      expect(probability).toBeCloseTo(expected.probabilities[index]!.probability, 6);
    });
  });

  it('finds the faces of pictures, one sent by itself and several in a form', async () => {
    const two = await (await gallery(640, 300, [{ left: 20, top: 40, size: 160 }, { left: 330, top: 20, size: 260 }])).jpeg().toBuffer();
    const alone = await predict(blob(two));
    const together = await predict(formOf({ 'two.jpg': two, 'nobody.png': await drawing(1).png().toBuffer(), 'notes.txt': Buffer.from('no picture') }));
    expect([alone.status, together.status]).toEqual([200, 200]);
    const [first, nobody, notes] = together.content.pictures;
    expect(first).toEqual({ ...alone.content.pictures[0], name: 'two.jpg' });
    expect(nobody).toMatchObject({ name: 'nobody.png', width: 128, height: 128, faces: [] });
    expect(notes).toMatchObject({ name: 'notes.txt', error: { code: 'UNSUPPORTED_TYPE' } });
    const { faces } = predictResponse.parse(together.content).pictures[0] as { faces: { box: { left: number }; age: { expected: number } }[] };
    expect(faces).toHaveLength(2);
    expect(faces[0]!.box.left).toBeGreaterThan(330);
    expect(faces[1]!.box.left).toBeLessThan(180);
    expect(faces[0]!.age.expected).toBeGreaterThan(1);
  });

  it.each([
    ['nothing', () => '', 400, 'BAD_REQUEST'],
    ['text', () => 'no picture', 415, 'UNSUPPORTED_TYPE'],
    ['SVG', () => '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 415, 'UNSUPPORTED_TYPE'],
    ['HEIC', () => blob(Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic')), 415, 'UNSUPPORTED_TYPE'],
    ['a picture that is cut off', async () => blob((await readFile(PORTRAIT)).subarray(0, 4000)), 422, 'DAMAGED_PICTURE'],
    ['a head without a picture', () => blob(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')), 422, 'DAMAGED_PICTURE'],
    ['a form without files', () => formOf({}), 400, 'BAD_REQUEST'],
    ['a form with damaged pictures alone', () => formOf({ a: Buffer.from('GIF89a'), b: Buffer.from('x') }), 422, 'DAMAGED_PICTURE'],
    [
      'more pixels than are decoded',
      async () => blob(await sharp({ create: { width: 10_000, height: 5001, channels: 3, background: 'red' } }).png().toBuffer()),
      ...([413, 'TOO_LARGE'] as const),
    ],
    ['more bytes than are taken', () => blob(new Uint8Array(MOST_BYTES + 1)), 413, 'TOO_LARGE'],
  ])('refuses %s', async (_name, body, status, code) => {
    const answer = await predict(await body());
    expect({ status: answer.status, code: answer.error?.code }).toEqual({ status, code });
    expect(answer.error!.message).not.toMatch(/\/|buffer/);
  });

  it('refuses a query that means nothing', async () => {
    expect((await predict('x', '?faces=some')).status).toBe(400);
    expect((await predict('x', '?file=/etc/passwd')).status).toBe(400);
  });

  it('lets so many requests in and no more, and says when to come again', async () => {
    const held = Array.from({ length: MOST_WAITING }, () => openRequest());
    try {
      await expect.poll(async () => (await predict('x')).status, { timeout: 30_000 }).toBe(429);
      const response = await fetch(`${server.address}/v1/predict`, { method: 'POST', body: 'x' });
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    } finally {
      for (const one of held) one.destroy();
    }
    await expect.poll(async () => (await predict('x')).status, { timeout: 30_000 }).toBe(415);
  });

  it('answers many at once, each with the same', async () => {
    const picture = await readFile(PORTRAIT);
    const { content } = await predict(blob(picture));
    const answers = new Set<string>();
    const result = await autocannon({
      ...{ url: `${server.address}/v1/predict`, method: 'POST', body: picture, amount: 100, connections: 8, timeout: 60 },
      verifyBody: (body) => (answers.add(String(body)), true),
    });
    expect(result['2xx']).toBe(100);
    expect([result.errors, result.non2xx]).toEqual([0, 0]);
    expect(answers.size).toBeLessThanOrEqual(2 * cpus().length);
    for (const answer of answers) expect(JSON.parse(answer)).toMatchObject({ pictures: [{ faces: [{ band: bandOf(content) }] }] });
  });
});

function bandOf({ pictures }: Predictions): string {
  return (pictures[0] as { faces: { band: string }[] }).faces[0]!.band;
}

/** A request that has begun and does not end. */
function openRequest(): ClientRequest {
  const open = request(`${server.address}/v1/predict`, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
  open.on('error', () => undefined);
  open.write('x');
  return open;
}

describe('the server', () => {
  it('tells its models, its health, its figures and what it understands', async () => {
    const ask = async (path: string): Promise<Response> => await fetch(`${server.address}${path}`);
    expect(await (await ask('/healthz')).json()).toEqual({ status: 'ok', model: 'small' });
    expect(await (await ask('/v1/models')).json()).toMatchObject({
      models: [{ id: 'small', imageSize: 37, explains: true, classes: [{ name: '0-2', ages: { from: 0, to: 2, middle: 1 } }, ...Array<object>(7).fill({})] }],
    });
    expect(await (await ask('/openapi.json')).json()).toMatchObject({ openapi: '3.1.0', paths: { '/v1/predict': {} } });
    expect((await predict(blob(await readFile(PORTRAIT)))).status).toBe(200);
    const metrics = await (await ask('/metrics')).text();
    expect(metrics).toMatch(/ageband_requests_total\{route="\/v1\/predict",status="200"\} \d+/);
    expect(metrics).toMatch(/ageband_pictures_waiting 0/);
  });

  it('gives nothing of the file system', async () => {
    for (const path of ['/etc/passwd', '/%2e%2e/%2e%2e/package.json', '/assets/..%2findex.html', '/..\\package.json', '/models/faces/LICENSE']) {
      expect((await fetch(`${server.address}${path}`)).status).toBe(404);
    }
    expect((await fetch(`${server.address}/v1/runs/follow?run=${encodeURIComponent('../data')}`)).status).toBe(404);
  });

  it('answers under its own name alone', async () => {
    const { port } = new URL(server.address);
    const status = await new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/v1/models', headers: { host: 'evil.example' } }, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('ends what is under way when it is told to stop', async () => {
    const own = startAgeband(['serve', '--model', server.run, '--port', '0', '--workers', '1']);
    const address = await addressOf(own);
    const picture = blob(await readFile(PORTRAIT));
    const send = (): Promise<number> => fetch(`${address}/v1/predict`, { method: 'POST', body: picture }).then(({ status }) => status);
    expect(await send()).toBe(200);
    const underWay = [send(), send()];
    await expect.poll(async () => await (await fetch(`${address}/metrics`)).text()).toMatch(/ageband_threads_busy 1/);
    own.kill('SIGTERM');
    expect(await Promise.all(underWay)).toEqual([200, 200]);
    expect(await own.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('needs a token where others can reach it', async () => {
    const refused = await ageband('serve', '--model', server.run, '--host', '0.0.0.0', '--port', '0');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('who would need no token') as string });
    const short = await ageband('serve', '--host', '0.0.0.0', '--port', '0', '--token', 'short');
    expect(short).toMatchObject({ code: 1, stderr: 'error: token: must have at least 16 characters\n' });
  });

  it('says what is wrong before it listens', async () => {
    const { port } = new URL(server.address);
    expect(await ageband('serve', '--port', port)).toMatchObject({ code: 1, stderr: expect.stringContaining('another program uses this port') as string });
    const missing = await ageband('serve', '--model', join(server.runs, 'none'), '--port', '0');
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no such model') as string });
  });
});
