/** The process of a run. It hands messages on between the job's process and the thread that works, and dies with the job. */
import { Worker } from 'node:worker_threads';
import { packError } from '../../base/error-transfer.js';
import type { FromRun, ToRun } from './process-executor.js';

/** How much memory this process has ever held, in bytes. */
const peakMemory = (): number => process.resourceUsage().maxRSS * 1024;

/** Without the job nobody would hear of the result; all files are whole at every moment. */
const die = (): void => void process.kill(process.pid, 'SIGKILL');

const send = (message: FromRun, whenSent: () => void = () => undefined): void => void process.send?.(message, whenSent);
const end = (outcome: Extract<FromRun, { outcome: unknown }>['outcome']): void =>
  send({ outcome: { ...outcome, peakMemory: peakMemory() } }, () => process.exit());

process.on('disconnect', die);
if (!process.connected) die();
// A terminal sends Ctrl-C to all its processes, and a system that shuts down asks all to end: the job's process decides.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const worker = new Worker(new URL('./run-worker.js', import.meta.url));
let out = '';
process.on('message', (message: ToRun) => {
  if (message !== 'stop') out = message.item.out;
  worker.postMessage(message);
});
worker.on('message', (message: FromRun) => {
  if ('outcome' in message) end(message.outcome);
  else send(message);
});
worker.on('error', (error) => end({ kind: 'failed', out, error: packError(error) }));
