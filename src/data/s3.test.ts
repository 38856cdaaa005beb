import { afterEach, describe, expect, it, vi } from 'vitest';
import { startS3 } from '../../test/support/s3.js';

const LIMITS = { limit: 1000, patience: 0.3, deadline: 5, attempts: 1 };
const BYTES = Buffer.from('a picture');

/** The module anew, since it opens its client once. */
async function openWith(environment: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.resetModules();
  return await import('./s3.js');
}

afterEach(() => vi.unstubAllEnvs());

describe('fetchObject', () => {
  it('gives the bytes, and refuses too many of them', async () => {
    const { environment } = await startS3(new Map([['bucket/a b+%20.jpg', BYTES]]));
    const { fetchObject } = await openWith(environment);
    expect(Buffer.from(await fetchObject('s3://bucket/a b+%20.jpg', LIMITS)).toString()).toBe('a picture');
    const attempt = fetchObject('s3://bucket/a b+%20.jpg', { ...LIMITS, limit: 8 });
    await expect(attempt).rejects.toThrow('s3://bucket/a b+%20.jpg: has more than the 8 bytes that are fetched');
  });

  it.each(['before', 'after'])('gives up a service that falls silent %s its first byte', async (when) => {
    const { environment, asked } = await startS3(new Map(), (_, response) => {
      if (when === 'after') response.writeHead(200, { 'content-length': 100 }).write('a');
      return true;
    });
    const { fetchObject } = await openWith(environment);
    await expect(fetchObject('s3://bucket/a.jpg', LIMITS)).rejects.toThrow('s3://bucket/a.jpg: cannot be fetched: nothing came for 0.3 seconds');
    expect(asked).toHaveLength(1);
  });

  it('gives up one that gives a little now and then for ever', async () => {
    const { environment } = await startS3(new Map(), (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      const timer = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(timer));
      return true;
    });
    const { fetchObject } = await openWith(environment);
    const attempt = fetchObject('s3://bucket/a.jpg', { ...LIMITS, deadline: 0.5 });
    await expect(attempt).rejects.toThrow('it took more than 0.5 seconds');
  });
});
