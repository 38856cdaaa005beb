/** Who may ask, and what a browser may do with the answers. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { RequestError } from './request-error.js';

/** Addresses that only this machine can reach. */
const LOOPBACK = ['127.0.0.1', 'localhost', '::1', '[::1]'];
const COOKIE = 'ageband_token';
/** What needs no token: it says nothing but that the server is there. */
const OPEN_PATHS = ['/healthz'];

/** The page runs its own scripts and WebAssembly, shows pictures that it holds itself, and asks nobody but this server. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  // Isolated from other pages, the page may share memory between threads.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host);
}

/** Sets the headers of every answer. */
export function securityHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
    if (!context.res.headers.has('Cache-Control')) context.res.headers.set('Cache-Control', 'no-store');
  };
}

/**
 * Refuses requests that other sites make a browser send, and, where only this machine is served, those under another name:
 * a name of the attacker's that suddenly points here would else be a site of its own to the browser (DNS rebinding).
 */
export function refuseOtherSites({ loopback }: { readonly loopback: boolean }): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host') ?? '';
    if (loopback && !LOOPBACK.includes(host.replace(/:\d+$/, ''))) {
      throw new RequestError('FORBIDDEN', 'this server answers under the names localhost and 127.0.0.1 alone');
    }
    const origin = context.req.header('origin');
    const isForeign = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
    const isCrossSite = ['cross-site', 'same-site'].includes(context.req.header('sec-fetch-site') ?? '');
    const isVisit = context.req.method === 'GET' && context.req.header('sec-fetch-mode') === 'navigate';
    if (isForeign || (isCrossSite && !isVisit)) throw new RequestError('FORBIDDEN', 'other sites may not use this server');
    await next();
  };
}

/**
 * Asks for the token: as a bearer, or in a cookie that a visit of `/?token=...` sets, from where it leads on to a page
 * whose address does not hold it.
 */
export function requireToken(token: string): MiddlewareHandler {
  return async (context, next) => {
    const { path } = context.req;
    if (OPEN_PATHS.includes(path)) {
      await next();
      return;
    }
    const asked = path === '/' ? context.req.query('token') : undefined;
    if (asked !== undefined && isSame(asked, token)) {
      setCookie(context, COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return context.redirect('/');
    }
    const bearer = /^Bearer (?<token>.+)$/i.exec(context.req.header('authorization') ?? '')?.groups?.['token'];
    const given = bearer ?? getCookie(context, COOKIE);
    if (given !== undefined && isSame(given, token)) {
      await next();
      return;
    }
    throw new RequestError('UNAUTHORIZED', 'a token is needed: open /?token=TOKEN, or send Authorization: Bearer TOKEN');
  };
}

/** Compares in a time that does not tell how much was right. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
