import { availableParallelism } from 'node:os';
import { ConfigError } from '../base/errors.js';
import type { Device } from '../runtime/device.js';
import { isForOneThread } from '../runtime/device.js';

/**
 * How many worker threads compute.
 * @param wanted what was asked for, if anything
 * @param most what is taken by default where the device allows it: one per core, unless something else is better
 * @throws {ConfigError} when more are wanted than can compute on the device
 */
export function workerCount(wanted: number | undefined, device: Device, most: number = availableParallelism()): number {
  if (!isForOneThread(device)) return wanted ?? most;
  if (wanted !== undefined && wanted > 1) {
    throw new ConfigError(`workers: a single thread can compute on ${device}, got ${wanted}`, {
      hint: 'Leave the number out, or compute on the cpu.',
    });
  }
  return 1;
}
