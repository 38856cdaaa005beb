import { isIP } from 'node:net';
import { ConfigError } from '../../base/errors.js';

/** Names the password where the address holds none, so that it need not stand on the command line. */
export const PASSWORD_VARIABLE = 'AGEBAND_REDIS_PASSWORD';

/** How to connect, as ioredis and BullMQ want it. */
export type RedisOptions = {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly servername?: string };
};

/** A Redis or Valkey server. */
export interface RedisAddress {
  /** The address without user and password, for messages. */
  readonly shown: string;
  readonly options: RedisOptions;
}

/**
 * Reads an address such as `redis://user:password@host:6379/0`; `rediss` stands for TLS.
 * @param password is taken where the address holds none
 * @throws {ConfigError} when it is none; the message never holds the address, which may hold a password
 */
export function parseRedisAddress(text: string, password = process.env[PASSWORD_VARIABLE]): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw refusal('is no address of a Redis server');
  }
  if (!/^\/?\d*$/.test(url.pathname)) throw refusal('names a database that is no number');
  const database = Number(url.pathname.slice(1));
  const port = Number(url.port || '6379');
  const [username, ownPassword] = [url.username, url.password].map(decoded);
  const secret = ownPassword || password;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    shown: `${url.protocol}//${url.hostname}:${port}${database === 0 ? '' : `/${database}`}`,
    options: {
      ...{ host, port, db: database },
      ...(username ? { username } : {}),
      ...(secret ? { password: secret } : {}),
      ...(url.protocol === 'rediss:' ? { tls: isIP(host) === 0 ? { servername: host } : {} } : {}),
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal('holds a user or password with a stray %');
  }
}

function refusal(reason: string): ConfigError {
  return new ConfigError(`redis: what was given ${reason}`, {
    hint: `For example redis://localhost:6379, or rediss://USER@HOST:PORT for TLS; ${PASSWORD_VARIABLE} may hold the password.`,
  });
}
