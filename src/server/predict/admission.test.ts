import { expect, it } from 'vitest';
import type { Visit } from './admission.js';
import { Admission } from './admission.js';

const full = expect.objectContaining({ code: 'TOO_MANY_REQUESTS', status: 429, retryAfter: 7 }) as unknown;

it('so many requests are let in, and the next one when one has left', () => {
  const admission = new Admission({ requests: 2, bytes: 100 }, () => 7);
  const first = admission.enter() as Visit;
  admission.enter();
  expect(admission.enter()).toEqual(full);
  first.leave();
  expect(admission.enter()).not.toEqual(full);
});

it('so many bytes are held, of all requests together', () => {
  const admission = new Admission({ requests: 9, bytes: 100 }, () => 7);
  const [first, second] = [admission.enter(), admission.enter()] as [Visit, Visit];
  first.hold(60);
  second.hold(40);
  expect(() => second.hold(1)).toThrow(full);
  first.leave();
  second.hold(60);
});
