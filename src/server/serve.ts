import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { serve as listen } from '@hono/node-server';
import { z } from 'zod';
import { ConfigError, messageOf } from '../base/errors.js';
import { parseSettings } from '../base/settings.js';
import { BUILT_IN_MODEL } from '../evaluation/built-in-model.js';
import { workerCount } from '../jobs/worker-count.js';
import { usableDevice } from '../runtime/choose-device.node.js';
import { DEVICE_CHOICES } from '../runtime/device.js';
import { createApp } from './app.js';
import * as limits from './limits.js';
import { Metrics } from './metrics.js';
import { describeModel } from './models.js';
import { Admission } from './predict/admission.js';
import { Dispatcher } from './predict/dispatcher.js';
import type { Predicting } from './predict/routes.js';
import type { PredictWorkerData } from './predict/worker.js';
import { RunsService } from './runs/routes.js';
import { isLoopback } from './security.js';

/** More threads than this hold more memory than they win time. */
const MOST_WORKERS = 4;
/** A token that is guessed is none. */
const SHORTEST_TOKEN = 16;

const settingsSchema = z.strictObject({
  /** Folder of a run, or path of an exported ONNX file; the built-in model by default. */
  model: z.string().min(1).default(BUILT_IN_MODEL),
  /** Folder whose runs are shown, with those in the folders below. */
  runs: z.string().min(1).optional(),
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any that is free. */
  port: z.int().min(0).max(65535).default(8000),
  /** What others must know to use the server; needed where others can reach it. */
  token: z.string().optional(),
  /** What computes. */
  device: z.enum(DEVICE_CHOICES).default('cpu'),
  /** Threads that look at pictures; one per core, up to 4, by default, one alone on WebGPU. */
  workers: z.int().min(1).optional(),
});

export type ServeOptions = z.input<typeof settingsSchema>;

/** A server that runs. */
export interface RunningServer {
  /** Where the page is, such as `http://127.0.0.1:8000/`. */
  readonly address: string;
  /** The model that it answers with. */
  readonly model: string;
  /** Answers what is under way, and stops. */
  readonly close: () => Promise<void>;
}

/**
 * Serves the page and the API. Nothing that is sent is stored or logged.
 * @throws {ConfigError} when an option cannot be used, the port is taken, or others could use it without a token
 * @throws {FileError} {FormatError} when the model cannot be used
 */
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  const { model, runs: folder, host, port, token, ...machine } = parseSettings(settingsSchema, options);
  // Not by the schema, whose messages show what was given.
  if (token !== undefined && token.length < SHORTEST_TOKEN) throw new ConfigError(`token: must have at least ${SHORTEST_TOKEN} characters`);
  const loopback = isLoopback(host);
  if (!loopback && token === undefined) {
    throw new ConfigError(`host: ${host} can be reached by others, who would need no token`, {
      hint: 'Set one with --token or AGEBAND_TOKEN, or leave --host out.',
    });
  }
  const device = await usableDevice(machine.device);
  const workers = workerCount(machine.workers, device, Math.min(availableParallelism(), MOST_WORKERS));
  const served = await describeModel(model);
  const metrics: Metrics = new Metrics(() => dispatcher.state);
  const dispatcher: Dispatcher = openDispatcher({ model: served.source, device }, workers, metrics);
  const predicting: Predicting = { model: served, dispatcher, admission: openAdmission(dispatcher) };
  const runs = new RunsService(folder);
  const closeParts = async (): Promise<void> => {
    await Promise.all([dispatcher.close(), runs.close()]);
  };
  try {
    const app = await createApp({ predicting, runs, metrics, loopback, token });
    const server = await openServer(app.fetch, host, port);
    return {
      address: addressOf(server, host),
      model: served.description.id,
      close: async () => {
        runs.endStreams();
        await closeServer(server);
        await closeParts();
      },
    };
  } catch (error) {
    await closeParts();
    throw error;
  }
}

function openDispatcher(workerData: PredictWorkerData, workers: number, metrics: Metrics): Dispatcher {
  return new Dispatcher(
    {
      ...{ entry: new URL('./predict/worker.js', import.meta.url), workerData, workers },
      ...{ together: limits.MOST_TOGETHER, longestWait: limits.LONGEST_WAIT, longestWork: limits.LONGEST_WORK },
    },
    (pictures) => metrics.countBatch(pictures),
  );
}

function openAdmission(dispatcher: Dispatcher): Admission {
  return new Admission({ requests: limits.MOST_WAITING, bytes: limits.MOST_BYTES_HELD }, () => dispatcher.secondsToWait);
}

async function openServer(fetch: Parameters<typeof listen>[0]['fetch'], host: string, port: number): Promise<Server> {
  const server = listen({ fetch, hostname: host, port, serverOptions: { requestTimeout: limits.LONGEST_ARRIVAL } }) as Server;
  try {
    if (!server.listening) await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const taken = code === 'EADDRINUSE';
    throw new ConfigError(`${host}:${port}: ${taken ? 'another program uses this port' : `cannot be opened: ${messageOf(error)}`}`, {
      ...(taken ? { hint: 'Choose another one with --port.' } : {}),
      cause: error,
    });
  }
  return server;
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}/`;
}

/** Takes no new requests, lets those under way end, and cuts off what takes too long. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), limits.LONGEST_FAREWELL);
  await closed;
  clearTimeout(timer);
}
