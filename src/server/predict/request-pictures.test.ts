import { describe, expect, it } from 'vitest';
import { MOST_BYTES, MOST_BYTES_READ, MOST_PICTURES } from '../limits.js';
import { picturesOf } from './request-pictures.js';

const post = (body: string | FormData | ReadableStream, headers: Record<string, string> = {}): Request =>
  new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' });

const form = (count: number): FormData => {
  const data = new FormData();
  for (let index = 0; index < count; index++) data.append('picture', new File([`bytes ${index}`], `${index}.jpg`));
  return data;
};

describe('picturesOf', () => {
  it('takes a body for a picture, and counts its bytes', async () => {
    const counted: number[] = [];
    const [picture] = await picturesOf(post('abc'), (bytes) => counted.push(bytes));
    expect(picture).toEqual({ name: null, bytes: Buffer.from('abc') });
    expect(counted.reduce((sum, bytes) => sum + bytes, 0)).toBe(3);
  });

  it('takes the files of a form with their names, and passes over its fields', async () => {
    const data = form(2);
    data.append('note', 'hello');
    expect(await picturesOf(post(data), () => undefined)).toEqual([
      { name: '0.jpg', bytes: Buffer.from('bytes 0') },
      { name: '1.jpg', bytes: Buffer.from('bytes 1') },
    ]);
  });

  it.each([
    ['nothing', post(''), 'the request holds no picture'],
    ['a form without files', post(form(0)), 'the form holds no file'],
    ['too many files', post(form(MOST_PICTURES + 1)), `the form holds ${MOST_PICTURES + 1} files`],
    ['a form without a boundary', post('x', { 'content-type': 'multipart/form-data' }), 'the form is damaged'],
    ['a form that is cut off', post('--a\r\nContent-Disposition: form-data; name="f"; filename="g"\r\n\r\nx', { 'content-type': 'multipart/form-data; boundary=a' }), 'the form is damaged'],
    ['a body that is cut off', post(new ReadableStream({ start: (controller) => controller.error(new Error('aborted')) })), 'the request was cut off'],
    ['a length that is too large', post('x', { 'content-length': String(MOST_BYTES_READ + 1) }), 'the request is too large'],
  ])('refuses %s', async (_name, request, message) => {
    await expect(picturesOf(request, () => undefined)).rejects.toThrow(message);
  });

  it('reads what is a little too large to the end, so that its sender hears why, but keeps none of it', async () => {
    let held = 0;
    const body = 'x'.repeat(MOST_BYTES + 1);
    await expect(picturesOf(post(body), (bytes) => (held += bytes))).rejects.toThrow('the request is too large');
    expect(held).toBeLessThanOrEqual(MOST_BYTES);
  });

  it('stops a body that goes on and on', async () => {
    const chunk = new Uint8Array(2 ** 20);
    let sent = 0;
    let stopped = false;
    const endless = new ReadableStream({
      pull(controller) {
        sent += chunk.length;
        controller.enqueue(chunk);
      },
      cancel() {
        stopped = true;
      },
    });
    await expect(picturesOf(post(endless), () => undefined)).rejects.toThrow('the request is too large');
    expect(stopped).toBe(true);
    expect(sent).toBeLessThan(MOST_BYTES_READ + 4 * chunk.length);
  });
});
