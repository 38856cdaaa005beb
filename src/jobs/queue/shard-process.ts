/** The process in which a worker does shards of pictures, on several threads. It dies with the worker. */
import { packError } from '../../base/error-transfer.js';
import type { Executor } from '../executor.js';
import { localExecutor } from '../local-executor.js';
import type { FromShards, ToShards } from './picture-process.js';

const ENTRIES = {
  crop: new URL('../crop/worker.js', import.meta.url),
  predict: new URL('../predict/worker.js', import.meta.url),
};

/** Without the worker nobody would hear of the results; all files are whole at every moment. */
const die = (): void => void process.kill(process.pid, 'SIGKILL');
const send = (message: FromShards): void => void process.send?.(message);

process.on('disconnect', die);
if (!process.connected) die();
// A terminal sends Ctrl-C to all its processes, and a system that shuts down asks all to end: the worker decides.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

let executor: Executor<unknown, unknown> | undefined;
process.on('message', (message: ToShards) => {
  if ('items' in message) void doItems(message.items);
  else executor = localExecutor(ENTRIES[message.kind], message.threads, message.settings);
});

async function doItems(items: readonly unknown[]): Promise<void> {
  try {
    const results = await Promise.all(
      items.map(async (item) => {
        const result = await executor!.run(item);
        send('one done');
        return result;
      }),
    );
    send({ results });
  } catch (error) {
    send({ error: packError(error) });
  }
}
