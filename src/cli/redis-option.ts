import { Option } from 'commander';
import { GIVE_UP_AFTER } from '../jobs/patience.js';
import type { QueuePlace } from '../jobs/queue/queue-executor.js';
import type { StartRuns } from '../jobs/runs/process-executor.js';
import { countOption } from './options.js';

export const THROUGH_QUEUE = 'let workers on any number of machines do it, through the queue on this server';

/** The option that turns a command into the producer of a queue. */
export function redisOption(description = THROUGH_QUEUE): Option {
  return new Option('--redis <url>', description);
}

/** The option that says how long a run on this machine may hang; workers have their own. */
export function giveUpOption(): Option {
  return countOption(
    '--give-up-after <seconds>',
    `a run that gets no step further for so long goes on at its last checkpoint, and has failed when it hangs there again (default: ${GIVE_UP_AFTER.run}); with --redis, \`ageband worker\` has it`,
  ).conflicts('redis');
}

/** The option by which workers, and those who look into a queue, find it. */
export function queueServerOption(): Option {
  return redisOption('the server of the queue, as redis://host:6379').makeOptionMandatory();
}

/**
 * The queue that a command is the producer of. What is to be said while it works makes way for no bar.
 * @throws {ConfigError} when it is no address
 */
export async function queuePlace(redis: string, progress: { readonly close: () => void } | undefined): Promise<QueuePlace> {
  const { parseRedisAddress } = await import('../jobs/queue/redis-address.js');
  const tell = (note: string): void => {
    progress?.close();
    process.stderr.write(`${note}\n`);
  };
  return { address: parseRedisAddress(redis), tell };
}

/** What does runs through a queue. Arguments and errors as of {@link queuePlace}. */
export async function runsThrough(redis: string, view: { readonly close: () => void } | undefined): Promise<StartRuns> {
  const { throughQueue } = await import('../jobs/queue/queue-runs.js');
  return throughQueue(await queuePlace(redis, view));
}
