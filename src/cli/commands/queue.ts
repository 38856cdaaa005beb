import { Command } from 'commander';
import type { DeadLetter } from '../../jobs/queue/dead-letters.js';
import { printJsonList, printPatiently } from '../long-list.js';
import { Bar, pictureFigures } from '../progress.js';
import { queueServerOption } from '../redis-option.js';
import type { Output } from '../style.js';
import { counted, withCommas } from '../style.js';

const LETTER_BAR = '{bar} {value}/{total} dead letters {done} - {rate}/s - ETA {left}';

interface Options {
  redis: string;
  json?: boolean;
}

/** `ageband queue`: a look into the queue, and another attempt at what failed there. */
export function queueCommand(): Command {
  return new Command('queue')
    .description('see how the queue stands, and list and requeue what no worker could do')
    .addCommand(statusCommand())
    .addCommand(deadCommand())
    .addCommand(requeueCommand());
}

function statusCommand(): Command {
  return new Command('status')
    .description('count workers and shards')
    .addOption(queueServerOption())
    .option('--json', 'print the counts as JSON')
    .action(async ({ redis, json }: Options) => {
      const { countQueue } = await import('../../jobs/queue/dead-letters.js');
      const counts = await countQueue(await addressOf(redis));
      if (json) console.log(JSON.stringify(counts, null, 2));
      else console.log(Object.entries(counts).map(([name, count]) => `${name} ${withCommas(count as number)}`).join(', '));
    });
}

function deadCommand(): Command {
  return new Command('dead')
    .description('list the dead letters: shards that failed in every attempt, the latest first')
    .addOption(queueServerOption())
    .option('--json', 'print them as JSON')
    .action(async ({ redis, json }: Options) => {
      const { listDeadLetters } = await import('../../jobs/queue/dead-letters.js');
      // On a terminal the letters themselves show how far it is.
      const bar = letterProgress(process.stdout.isTTY ? undefined : process.stderr, 'read');
      const letters = listDeadLetters(await addressOf(redis), bar.tell, bar.show);
      await (json ? printJsonList(letters) : printTexts(letters)).finally(bar.close);
    });
}

async function printTexts(letters: AsyncIterable<DeadLetter>): Promise<void> {
  let count = 0;
  for await (const letter of letters) {
    count++;
    await printPatiently(`${letterText(letter)}\n`);
  }
  if (count === 0) console.log('No dead letters');
}

function requeueCommand(): Command {
  return new Command('requeue')
    .description('put dead letters back into the queue, all of them or those named; so does calling the command that they are of')
    .argument('[id...]', 'as `ageband queue dead` lists them')
    .addOption(queueServerOption())
    .action(async (ids: string[], { redis }: Options) => {
      const { requeueDeadLetters } = await import('../../jobs/queue/dead-letters.js');
      const bar = letterProgress(process.stderr, 'requeued');
      const count = await requeueDeadLetters(await addressOf(redis), ids, bar.tell, bar.show).finally(bar.close);
      console.log(`${counted(count, 'dead letter')} back in the queue`);
    });
}

/** A bar, on a terminal, that makes way for what is to be said. */
function letterProgress(output: Output | undefined, verb: string) {
  const bar = output?.isTTY === true ? new Bar(output) : undefined;
  const figures = pictureFigures(verb);
  const close = (): void => bar?.clear();
  return {
    show: (done: number, total: number) => bar?.show(LETTER_BAR, done, total, figures(done, total)),
    close,
    tell: (note: string) => {
      close();
      process.stderr.write(`${note}\n`);
    },
  };
}

async function addressOf(redis: string) {
  const { parseRedisAddress } = await import('../../jobs/queue/redis-address.js');
  return parseRedisAddress(redis);
}

function letterText({ id, out, first, items, reason, attempts, time }: DeadLetter): string {
  const what = first === undefined ? 'no shard of ageband' : items === 1 ? first : `${first} and ${withCommas(items - 1)} more`;
  return [`${id}  ${time}, ${counted(attempts, 'attempt')}`, `  ${what}${out === undefined ? '' : ` for ${out}`}`, `  ${reason}`].join('\n');
}
