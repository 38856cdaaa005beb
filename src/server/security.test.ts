import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { RequestError } from './request-error.js';
import { refuseOtherSites, requireToken, securityHeaders } from './security.js';

function appOf(...middleware: Parameters<Hono['use']>[1][]): Hono {
  const app = new Hono();
  app.use(securityHeaders(), ...middleware);
  app.onError((error, context) => context.text(error.message, error instanceof RequestError ? error.status : 500));
  app.all('*', (context) => context.text('here'));
  return app;
}

const statusOf = async (app: Hono, path: string, headers: Record<string, string>): Promise<number> =>
  (await app.request(path, { headers })).status;

describe('refuseOtherSites', () => {
  it.each([
    ['127.0.0.1:8000', {}, 200],
    ['localhost', {}, 200],
    ['[::1]:8000', {}, 200],
    ['evil.example:8000', {}, 403],
    ['127.0.0.1.evil.example', {}, 403],
    ['', {}, 403],
    ['localhost:8000', { origin: 'http://localhost:8000' }, 200],
    ['localhost:8000', { origin: 'http://localhost:9000' }, 403],
    ['localhost:8000', { origin: 'null' }, 403],
    ['localhost:8000', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    ['localhost:8000', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
    ['localhost:8000', { 'sec-fetch-site': 'same-origin' }, 200],
  ])('of the host %j with %j: %d', async (host, headers, status) => {
    expect(await statusOf(appOf(refuseOtherSites({ loopback: true })), '/', { host, ...headers })).toBe(status);
  });

  it('leaves names alone where others may come', async () => {
    expect(await statusOf(appOf(refuseOtherSites({ loopback: false })), '/', { host: 'ages.example' })).toBe(200);
  });
});

describe('requireToken', () => {
  const app = appOf(requireToken('a-long-enough-token'));

  it.each([
    ['nothing', '/', {}, 401],
    ['another token', '/', { authorization: 'Bearer other' }, 401],
    ['the token', '/v1/models', { authorization: 'Bearer a-long-enough-token' }, 200],
    ['the cookie', '/v1/models', { cookie: 'ageband_token=a-long-enough-token' }, 200],
    ['another cookie', '/v1/models', { cookie: 'ageband_token=a-long-enough' }, 401],
    ['the token in the address of something else', '/v1/models?token=a-long-enough-token', {}, 401],
    ['nothing, for the sign of life', '/healthz', {}, 200],
  ])('with %s', async (_name, path, headers, status) => {
    expect(await statusOf(app, path, headers)).toBe(status);
  });

  it('leads a visit with the token to an address without it, and sets a cookie that scripts cannot read', async () => {
    const answer = await app.request('/?token=a-long-enough-token');
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/']);
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await app.request('/?token=wrong')).status).toBe(401);
  });
});

it('every answer has the headers, refusals too', async () => {
  const app = appOf(requireToken('a-long-enough-token'));
  for (const path of ['/healthz', '/']) {
    const { headers } = await app.request(path);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('cache-control')).toBe('no-store');
  }
});
