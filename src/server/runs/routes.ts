import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import type { Context, Hono } from 'hono';
import type { SSEStreamingApi } from 'hono/streaming';
import { streamSSE } from 'hono/streaming';
import { AgebandError, messageOf } from '../../base/errors.js';
import { WorkerPool } from '../../base/worker-pool.node.js';
import { RequestError } from '../request-error.js';
import type { FoundRun } from './find-runs.js';
import { findRuns } from './find-runs.js';
import type { RunSummary } from './summary.js';
import { summariseRun } from './summary.js';
import type { WriterProgress, WriterResult, WriterTask } from './writer.js';

/** Milliseconds between two looks at the files of runs. */
const PERIOD = 1000;
/** So many looks without news, and a word is sent that keeps the connection alive. */
const QUIET = 15;
/** Two: curves are drawn while a run is measured. */
const WRITERS = 2;
const MOST_COMPARED = 6;

/** The runs of a folder: what they are at, and their write-ups. */
export class RunsService {
  readonly #folder: string | undefined;
  #writers: WorkerPool<WriterTask, WriterResult> | undefined;
  readonly #stopping = new AbortController();

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** Aborted when the server stops: streams that go on for ever have to end then. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** What all runs are at. */
  async summaries(): Promise<RunSummary[]> {
    const found = this.#folder === undefined ? [] : await findRuns(this.#folder);
    return await Promise.all(found.map((run) => summariseRun(run)));
  }

  /** The run that a request means: names are looked up, and never become paths. @throws {RequestError} NOT_FOUND */
  async find(id: string | undefined): Promise<FoundRun> {
    const found = this.#folder === undefined ? [] : await findRuns(this.#folder);
    const run = found.find((one) => one.id === id);
    if (run === undefined) throw new RequestError('NOT_FOUND', 'there is no such run');
    return run;
  }

  async write(task: WriterTask): Promise<WriterResult> {
    // They take long to start, and many a server is never asked for them.
    this.#writers ??= new WorkerPool(new URL('./writer.js', import.meta.url), WRITERS, undefined);
    return await this.#writers.run(task);
  }

  /** A model that explains pictures, made of the best weights of a run, or of an exported file. */
  async explainerOf(model: string): Promise<Uint8Array> {
    return (await this.write({ kind: 'explainer', model })).bytes!;
  }

  endStreams(): void {
    this.#stopping.abort();
  }

  async close(): Promise<void> {
    await this.#writers?.close('the server is stopping');
  }
}

/** What the page asks of runs. */
export function addRunRoutes(app: Hono, runs: RunsService): void {
  app.get('/v1/runs', async (context) => context.json(await runs.summaries()));
  app.get('/v1/runs/events', (context) =>
    streamSSE(context, async (stream) => {
      await follow(stream, runs.stopping, async () => JSON.stringify(await runs.summaries()), (data) => stream.writeSSE({ event: 'runs', data }));
    }),
  );
  app.get('/v1/runs/follow', async (context) => {
    const run = await runs.find(context.req.query('run'));
    return streamSSE(context, (stream) => followRun(stream, runs, run));
  });
  app.get('/v1/runs/report', async (context) => {
    const { path } = await runs.find(context.req.query('run'));
    return writeUp(context, runs, (progress) => ({ kind: 'report', run: path, progress }));
  });
  app.get('/v1/runs/comparison', async (context) => {
    const ids = context.req.queries('run') ?? [];
    if (ids.length < 2 || ids.length > MOST_COMPARED) {
      throw new RequestError('BAD_REQUEST', `from 2 to ${MOST_COMPARED} runs can be compared`);
    }
    const found = await Promise.all(ids.map((id) => runs.find(id)));
    return writeUp(context, runs, (progress) => ({ kind: 'comparison', runs: found.map(({ path }) => path), progress }));
  });
}

/** Sends a state whenever it has changed, until the reader leaves or the server stops. */
async function follow(
  stream: SSEStreamingApi,
  stopping: AbortSignal,
  stateOf: () => Promise<string>,
  send: (state: string) => Promise<void>,
): Promise<void> {
  let sent: string | undefined;
  let quiet = 0;
  while (!stream.aborted && !stopping.aborted) {
    const state = await stateOf();
    if (state !== sent) {
      await send(state);
      sent = state;
      quiet = 0;
    } else if (++quiet >= QUIET) {
      await stream.write(': still here\n\n');
      quiet = 0;
    }
    // It only ends early when the server stops.
    await sleep(PERIOD, undefined, { signal: stopping }).catch(() => undefined);
  }
}

/** What a run is at, and its curves, which are drawn again when an epoch is over. */
async function followRun(stream: SSEStreamingApi, runs: RunsService, run: FoundRun): Promise<void> {
  let drawn: string | undefined;
  await follow(
    stream,
    runs.stopping,
    async () => JSON.stringify(await summariseRun(run)),
    async (data) => {
      await stream.writeSSE({ event: 'summary', data });
      const { last, state } = JSON.parse(data) as RunSummary;
      const course = JSON.stringify(last);
      if (course === drawn || state === 'damaged') return;
      drawn = course;
      const { sections } = await runs.write({ kind: 'training', run: run.path });
      await stream.writeSSE({ event: 'curves', data: JSON.stringify(sections[0]) });
    },
  );
}

/** Sends how far a write-up is, and then the sections, or why there are none. */
function writeUp(context: Context, runs: RunsService, taskOf: (progress: string) => WriterTask): Response {
  return streamSSE(context, async (stream) => {
    const name = randomUUID();
    const channel = new BroadcastChannel(name);
    channel.onmessage = (message) => {
      const { data } = message as { data: WriterProgress };
      void stream.writeSSE({ event: 'progress', data: JSON.stringify(data) });
    };
    try {
      const { sections } = await runs.write(taskOf(name));
      await stream.writeSSE({ event: 'sections', data: JSON.stringify(sections) });
    } catch (error) {
      // A mistake of ours is not for readers.
      const known = error instanceof AgebandError || runs.stopping.aborted;
      if (!known) console.error(error);
      const hint = error instanceof AgebandError && error.hint !== undefined ? ` ${error.hint}` : '';
      const message = known ? `${messageOf(error)}.${hint}` : 'Something went wrong in the server; its output says more.';
      await stream.writeSSE({ event: 'failed', data: JSON.stringify({ message }) });
    } finally {
      channel.close();
    }
  });
}
