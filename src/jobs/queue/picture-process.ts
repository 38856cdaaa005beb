import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TransferredError } from '../../base/error-transfer.js';
import { unpackError } from '../../base/error-transfer.js';
import { EngineError } from '../../base/errors.js';
import { Hung, Patience } from '../patience.js';
import type { PictureTask } from './task.js';

/** What the process of shards is told, and what it tells. */
export type ToShards =
  | { readonly kind: PictureTask['kind']; readonly threads: number; readonly settings: unknown }
  | { readonly items: readonly unknown[] };
export type FromShards = 'one done' | { readonly results: readonly unknown[] } | { readonly error: TransferredError };

const ENTRY = fileURLToPath(new URL('./shard-process.js', import.meta.url));

/**
 * Does shards of one job in a process of its own: a decoder that hangs in native code cannot be stopped in any other way,
 * and one that crashes does not take the worker with it.
 */
export class PictureProcess {
  readonly #child: ChildProcess;
  readonly #patience: number;

  /**
   * @param settings what the threads are started with
   * @param patience seconds without a picture that is done after which the process is ended
   */
  constructor(kind: PictureTask['kind'], threads: number, settings: unknown, patience: number) {
    this.#patience = patience;
    this.#child = fork(ENTRY, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#tell({ kind, threads, settings });
  }

  /**
   * Does a shard, one at a time.
   * @returns a result per item, in their order
   * @throws {Hung} {EngineError} when the process had to be ended, or has died, and what an item failed with; it can do
   *   no further shard then
   */
  async do(items: readonly unknown[]): Promise<readonly unknown[]> {
    const child = this.#child;
    let patience: Patience | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const seconds = this.#patience;
        patience = new Patience(seconds, () => reject(new Hung(`no picture was done for ${seconds} seconds`)));
        child.on('message', (message: FromShards) => {
          if (message === 'one done') patience?.hear();
          else if ('results' in message) resolve(message.results);
          else reject(unpackError(message.error));
        });
        child.on('exit', (code, signal) => reject(deathOf(code, signal)));
        child.on('error', reject);
        this.#tell({ items });
      });
    } finally {
      patience?.end();
      child.removeAllListeners('message').removeAllListeners('exit').removeAllListeners('error');
    }
  }

  /** Whether it has died, as between two shards when the system runs out of memory: nobody hears of that. */
  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async close(): Promise<void> {
    if (this.isOver) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #tell(message: ToShards): void {
    // When it has died, its exit is heard.
    this.#child.send(message, () => undefined);
  }
}

function deathOf(code: number | null, signal: NodeJS.Signals | null): EngineError {
  return new EngineError(`the process of the shard ${signal === null ? `ended with code ${code ?? 'unknown'}` : `was killed (${signal})`}`);
}
