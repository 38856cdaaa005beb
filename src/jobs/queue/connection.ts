/** The queue that producers and workers share: a BullMQ queue on Redis or Valkey. */
import { Queue, QueueEvents } from 'bullmq';
import { Redis } from 'ioredis';
import { ConnectionError, messageOf } from '../../base/errors.js';
import type { RedisAddress, RedisOptions } from './redis-address.js';
import { PASSWORD_VARIABLE } from './redis-address.js';

/** Everything of ageband's in Redis begins with `ageband:jobs:`. */
export const QUEUE = { name: 'jobs', prefix: 'ageband' } as const;

const CONNECT_TIMEOUT = 5000;
/** The longest wait before the next attempt to reach a server that has gone away. */
const LONGEST_WAIT = 3000;
/** Entries of the stream of events; a producer that misses one finds out by asking. */
const EVENTS = 10_000;

/** Tells people of something that they should know while a job goes on. */
export type Tell = (note: string) => void;

type PatientOptions = RedisOptions & {
  readonly connectTimeout: number;
  readonly maxRetriesPerRequest: null;
  readonly retryStrategy: (times: number) => number;
};

/** As BullMQ wants it: commands wait while the server is away. */
export function patientOptions({ options }: RedisAddress): PatientOptions {
  return {
    ...options,
    connectTimeout: CONNECT_TIMEOUT,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(times * 100, LONGEST_WAIT),
  };
}

/**
 * Checks that the server is there and lets us in.
 * @throws {ConnectionError} when not, without a password in any of it
 */
export async function requireRedis({ shown, options }: RedisAddress): Promise<void> {
  const redis = new Redis({ ...options, connectTimeout: CONNECT_TIMEOUT, lazyConnect: true, retryStrategy: () => null });
  // What is wrong comes as the error of a command as well, but not always with the reason.
  let reason: Error | undefined;
  redis.on('error', (error: Error) => (reason ??= error));
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    // The error itself stays here: it carries the command, and with it the password.
    throw connectionError(shown, messageOf(reason ?? error) || (reason as NodeJS.ErrnoException | undefined)?.code || 'no answer');
  } finally {
    redis.disconnect();
  }
}

function connectionError(shown: string, reason: string): ConnectionError {
  if (/NOAUTH|WRONGPASS|NOPERM/.test(reason)) {
    return new ConnectionError(`${shown}: Redis lets nobody in with this user and password`, {
      hint: `Give them in the address, or the password in the variable ${PASSWORD_VARIABLE}.`,
    });
  }
  if (/certificate|altname/i.test(reason)) {
    return new ConnectionError(`${shown}: Redis shows a certificate that is not trusted: ${reason}`, {
      hint: 'Name the file with the certificate of whoever issued it in the variable NODE_EXTRA_CA_CERTS.',
    });
  }
  return new ConnectionError(`${shown}: Redis cannot be reached: ${reason}`, {
    hint: 'Check that a server of Redis or Valkey runs there, and that the address is right.',
  });
}

/** @throws {ConnectionError} when the server cannot be reached */
export async function openQueue(address: RedisAddress): Promise<Queue> {
  await requireRedis(address);
  return new Queue(QUEUE.name, {
    prefix: QUEUE.prefix,
    connection: patientOptions(address),
    streams: { events: { maxLen: EVENTS } },
  });
}

export function openEvents(address: RedisAddress): QueueEvents {
  return new QueueEvents(QUEUE.name, { prefix: QUEUE.prefix, connection: patientOptions(address) });
}

/** Watches connections: tells once when the server has gone away, and once when it is back. */
export function watchConnection(shown: string, tell: Tell): { readonly failed: (error: Error) => void; readonly works: () => void } {
  let isAway = false;
  return {
    failed: (error) => {
      if (!isAway) tell(`${shown}: Redis has gone away (${messageOf(error)}); trying again until it is back`);
      isAway = true;
    },
    works: () => {
      if (isAway) tell(`${shown}: Redis is back`);
      isAway = false;
    },
  };
}
