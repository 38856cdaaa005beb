import { describe, expect, it } from 'vitest';
import { parseRedisAddress } from './redis-address.js';

describe('parseRedisAddress', () => {
  it('reads host, port, database, user, password and TLS, and shows neither user nor password', () => {
    expect(parseRedisAddress('redis://localhost', '')).toEqual({
      shown: 'redis://localhost:6379',
      options: { host: 'localhost', port: 6379, db: 0 },
    });
    expect(parseRedisAddress('rediss://me:a%40b@queue.example:7000/3', 'other')).toEqual({
      shown: 'rediss://queue.example:7000/3',
      options: { host: 'queue.example', port: 7000, db: 3, username: 'me', password: 'a@b', tls: { servername: 'queue.example' } },
    });
    // The name of a server in TLS must not be a number: RFC 6066, section 3.
    for (const address of ['127.0.0.1', '[::1]']) expect(parseRedisAddress(`rediss://${address}`, '').options.tls, address).toEqual({});
    expect(parseRedisAddress('redis://[::1]:1', 'p').options).toEqual({ host: '::1', port: 1, db: 0, password: 'p' });
  });

  it('refuses anything else without repeating it', () => {
    for (const text of ['', 'localhost', 'http://s3cret', 'redis://', 'redis://:s3cret%zz@h', 'redis://h/s3cret', 'redis://:s3cret@h:x']) {
      expect(() => parseRedisAddress(text, ''), text).toThrow(/^redis: what was given/);
      expect(() => parseRedisAddress(text, ''), text).not.toThrow(/s3cret/);
    }
  });
});
