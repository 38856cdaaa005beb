import { describe, expect, it } from 'vitest';
import { withAttempts } from '../base/attempts.node.js';
import { ConfigError, FileError } from '../base/errors.js';
import { s3Fault } from './s3-fault.js';

/** As the client throws what a service answers. */
const answer = (name: string, message: string, httpStatusCode: number, more: object = {}): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode, ...more } });

const attemptsAt = async (error: Error): Promise<number> => {
  let attempts = 0;
  const attempt = (): Promise<never> => {
    attempts++;
    return Promise.reject(s3Fault(error, 's3://b/a', 'fetched'));
  };
  await withAttempts(attempt, { attempts: 2, delay: 0 }).catch(() => undefined);
  return attempts;
};

describe('s3Fault', () => {
  // Ceph answers without a message, which the client calls UnknownError.
  it.each<[Error, string]>([
    [answer('NoSuchKey', 'UnknownError', 404), 'NoSuchKey: there is no such object; the beginning of several must end in /'],
    [answer('NoSuchKey', 'The specified key does not exist.', 404), 'NoSuchKey: The specified key does not exist.'],
    [answer('NoSuchBucket', 'UnknownError', 404), 'NoSuchBucket: there is no such bucket'],
    [answer('Odd', 'UnknownError', 418), 'Odd: the service answers 418'],
    [answer('UnknownError', 'UnknownError', 502), 'the service answers 502'],
    [answer('SyntaxError', 'no XML', 200), 'the service answers 200, no XML'],
    [new Error('connect ECONNREFUSED'), 'connect ECONNREFUSED'],
    [answer('SlowDown', 'a\u001b[2J\nb', 503), 'SlowDown: a [2J b'],
  ])('says what is wrong with an object: %s', (error, reason) => {
    const fault = s3Fault(error, 's3://b/a', 'fetched');
    expect(fault).toBeInstanceOf(FileError);
    expect(fault.message).toBe(`s3://b/a: cannot be fetched: ${reason}`);
  });

  it.each<[Error, string]>([
    [answer('InvalidAccessKeyId', 'UnknownError', 403), 'InvalidAccessKeyId: the service does not know the AWS_ACCESS_KEY_ID'],
    [answer('SignatureDoesNotMatch', 'UnknownError', 403), 'SignatureDoesNotMatch: the AWS_SECRET_ACCESS_KEY is not that of the AWS_ACCESS_KEY_ID'],
    [Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL', input: 'foo' }), 'the endpoint foo is no address of http or https'],
    [new Error('Region is missing'), 'Region is missing'],
  ])('ends the job where no object can be asked for: %s', async (error, reason) => {
    const fault = s3Fault(error, 's3://b/a', 'listed');
    expect(fault).toBeInstanceOf(ConfigError);
    expect(fault.message).toBe(`s3: ${reason}`);
    expect(await attemptsAt(error)).toBe(1);
  });

  it.each<[Error, number]>([
    [new Error('socket hang up'), 2],
    [answer('SlowDown', '', 503), 2],
    [answer('RequestTimeout', '', 400), 2],
    [answer('RequestTimeTooSkewed', '', 403, { clockSkewCorrected: true }), 2],
    [answer('RequestTimeTooSkewed', '', 403), 1],
    [answer('AccessDenied', '', 403), 1],
  ])('is tried again where it may pass: %s, %d attempts', async (error, attempts) => {
    expect(await attemptsAt(error)).toBe(attempts);
  });

  it('tells how to trust a certificate', () => {
    expect(s3Fault(new Error('self-signed certificate'), 's3://b/', 'listed').hint).toContain('NODE_EXTRA_CA_CERTS');
  });
});
