import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { ConfigError } from '../base/errors.js';
import { workerCount } from './worker-count.js';

it('there are as many workers as are wanted, or one per core', () => {
  expect(workerCount(undefined, 'cpu')).toBe(availableParallelism());
  expect(workerCount(undefined, 'cuda', 4)).toBe(4);
  expect(workerCount(7, 'cpu', 4)).toBe(7);
});

it('a device that takes one thread gets one, and more are refused', () => {
  expect(workerCount(undefined, 'webgpu', 4)).toBe(1);
  expect(workerCount(1, 'webgpu')).toBe(1);
  expect(() => workerCount(2, 'webgpu')).toThrow(ConfigError);
  expect(() => workerCount(2, 'webgpu')).toThrow('workers: a single thread can compute on webgpu, got 2');
});
