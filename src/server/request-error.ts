import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Words for programs that say what was wrong with a request. */
export const REQUEST_ERROR_CODES = [
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'TOO_LARGE',
  'UNSUPPORTED_TYPE',
  'DAMAGED_PICTURE',
  'TOO_MANY_REQUESTS',
  'UNAVAILABLE',
  'TIMEOUT',
  'INTERNAL',
] as const;
export type RequestErrorCode = (typeof REQUEST_ERROR_CODES)[number];

const STATUS = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  TOO_LARGE: 413,
  UNSUPPORTED_TYPE: 415,
  DAMAGED_PICTURE: 422,
  TOO_MANY_REQUESTS: 429,
  UNAVAILABLE: 503,
  TIMEOUT: 504,
  INTERNAL: 500,
} as const satisfies Record<RequestErrorCode, ContentfulStatusCode>;

/** A request that cannot be answered, and why. */
export class RequestError extends Error {
  readonly code: RequestErrorCode;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(code: RequestErrorCode, message: string, { retryAfter }: { retryAfter?: number } = {}) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
    this.retryAfter = retryAfter;
  }

  get status(): ContentfulStatusCode {
    return STATUS[this.code];
  }
}
