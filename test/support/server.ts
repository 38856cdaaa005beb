import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { AGE_BANDS } from '../../src/data/bands.js';
import type { CliProcess } from './cli.js';
import { startAgeband } from './cli.js';
import { start, writePictures } from './training.js';

/** A server on a free port, that shows the run of a small network, trained for a moment on noise. */
export interface TestServer {
  /** Without a slash at the end. */
  address: string;
  /** Folder of all runs. */
  runs: string;
  /** That run, `runs/small`. */
  run: string;
  process: CliProcess;
}

/** Trains a network and serves it, or the built-in model, for all tests of a file. */
export function sharedServer(served: 'small' | 'built-in'): TestServer {
  const server = {} as TestServer;
  let folder: string;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'ageband-serve-')));
    server.runs = join(folder, 'runs');
    server.run = join(server.runs, 'small');
    await trainSmall(join(folder, 'data'), server.run);
    server.process = startAgeband(['serve', ...(served === 'small' ? ['--model', server.run] : []), '--runs', server.runs, '--port', '0', '--workers', '2']);
    server.address = await addressOf(server.process);
  });
  afterAll(async () => {
    server.process.kill('SIGTERM');
    await server.process.ended;
    await rm(folder, { recursive: true });
  });
  return server;
}

/** Where a server says that it is. */
export async function addressOf(process: CliProcess): Promise<string> {
  const line = await process.lineThat((text) => text.startsWith('ageband is at '));
  return line.slice('ageband is at '.length).replace(/\/$/, '');
}

async function trainSmall(data: string, out: string): Promise<void> {
  const counts = (each: number): number[] => AGE_BANDS.map(() => each);
  await writePictures(data, AGE_BANDS, { train: counts(2), valid: counts(1), test: counts(1) });
  await start({ data, out });
}
