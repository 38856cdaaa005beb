import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { ConfigError } from '../../base/errors.js';
import type { WorkerEvent } from '../../jobs/queue/serve-queue.js';
import type { Task } from '../../jobs/queue/task.js';
import { GIVE_UP_AFTER } from '../../jobs/patience.js';
import { untilInterrupted } from '../interrupt.js';
import { countOption } from '../options.js';
import { queueServerOption } from '../redis-option.js';
import { counted } from '../style.js';

/** As in BullMQ, where it is called the duration of a lock. */
const STALLED_AFTER = 30;

interface Options {
  redis: string;
  read?: string[];
  write?: string[];
  fetch?: string[];
  workers?: number;
  stalledAfter?: number;
  giveUpAfter?: number;
  idleFor?: number;
}

/** `ageband worker`: does what producers put into the queue. */
export function workerCommand(): Command {
  return new Command('worker')
    .description('do the work that `--redis` on other commands puts into a queue, on as many machines as you like')
    .addOption(queueServerOption())
    .option('--read <folder...>', 'folders that may be read, with all below: of pictures, data sets and models')
    .option('--write <folder...>', 'folders that may be read and written to, with all below: of results')
    .option('--fetch <address...>', 'what pictures may be fetched from, with all that begins so: https://host/, s3://bucket/')
    .addOption(countOption('--workers <count>', 'threads that work (default: one per core)'))
    .addOption(countOption('--idle-for <seconds>', 'end after so long without work (default: never)'))
    .addOption(
      countOption('--stalled-after <seconds>', `what is heard of no more for so long goes to another worker (default: ${STALLED_AFTER})`),
    )
    .addOption(
      countOption(
        '--give-up-after <seconds>',
        `a shard of which no picture gets done for so long has failed, and a run that gets no step further (default: ${GIVE_UP_AFTER.shard}, and ${GIVE_UP_AFTER.run} for runs)`,
      ),
    )
    .action(runWorker);
}

async function runWorker({ redis, read = [], write = [], fetch = [], workers, stalledAfter, giveUpAfter, idleFor }: Options): Promise<void> {
  if (write.length === 0) {
    throw new ConfigError('worker: no folder to write to given', {
      hint: 'A worker touches only what it is told to: ageband worker --redis URL --read PHOTOS --write RESULTS',
    });
  }
  const { parseRedisAddress } = await import('../../jobs/queue/redis-address.js');
  const { AllowedPlaces } = await import('../../jobs/queue/allowed-places.js');
  const { serveQueue } = await import('../../jobs/queue/serve-queue.js');
  const address = parseRedisAddress(redis);
  const places = await AllowedPlaces.open(read, write, fetch);
  const settings = {
    ...{ address, places, idleFor, tell: print },
    ...{ threads: workers ?? availableParallelism(), stalledAfter: stalledAfter ?? STALLED_AFTER },
    giveUpAfter: giveUpAfter === undefined ? GIVE_UP_AFTER : { shard: giveUpAfter, run: giveUpAfter },
    listen: (event: WorkerEvent) => print(eventText(event)),
  };
  await untilInterrupted(async (signal) => {
    // Systems that shut down, and those that move containers, ask so.
    process.once('SIGTERM', () => process.emit('SIGINT'));
    const serving = serveQueue(settings, signal);
    print(`Working for ${address.shown}; Ctrl-C ends it after the shard under way, or leaves the run at a checkpoint`);
    await serving;
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function eventText(event: WorkerEvent): string {
  switch (event.kind) {
    case 'begun':
      return `${event.id} begun: ${whatOf(event.task)} for ${event.task.folders.out}`;
    case 'done':
      return `${event.id} done in ${event.seconds.toFixed(1)} s`;
    case 'needless':
      return `${event.id} is done already, or nobody waits for it`;
    case 'left':
      return `${event.id} left at a checkpoint, for another worker`;
    case 'lost':
      return `${event.id} lost to another worker: ${event.reason}`;
    case 'failed':
      return `${event.id} failed in attempt ${event.attempt} of ${event.attempts}: ${event.reason}`;
  }
}

function whatOf(task: Task): string {
  return task.kind === 'run' ? task.items[0]!.run : counted(task.items.length, 'item');
}
