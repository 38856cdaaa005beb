import { Command } from 'commander';
import type { DeviceChoice } from '../../runtime/device.js';
import { givenDevice } from '../device.js';
import { INTERRUPTED, untilInterrupted } from '../interrupt.js';
import { deviceOption, pathOption } from '../options.js';
import { firstProblems } from '../problems.js';
import { giveUpOption, redisOption, runsThrough } from '../redis-option.js';
import { sweepText } from '../sweep-text.js';
import { sweepView } from '../sweep-view.js';

interface Options {
  out?: string;
  device?: DeviceChoice;
  redis?: string;
  giveUpAfter?: number;
  json?: boolean;
}

/** `ageband sweep`: many trainings with other settings, ranked. */
export function sweepCommand(): Command {
  return new Command('sweep')
    .description('train with many settings (grid, random search or successive halving), and rank them by their validation')
    .argument('<file>', 'YAML file of the sweep, as docs/sweeps.md describes it')
    .addOption(pathOption('--out <folder>', 'folder of the runs and results (default: runs/NAME for NAME.yaml); a sweep goes on there'))
    .addOption(deviceOption('what the file says, or cpu'))
    .addOption(redisOption())
    .addOption(giveUpOption())
    .option('--json', 'print the results as JSON')
    .action(runSweep);
}

async function runSweep(file: string, { out, device, redis, giveUpAfter, json = false }: Options): Promise<void> {
  const { defaultFolder, runSweep: run } = await import('../../jobs/sweep/sweep.js');
  const { onThisMachine } = await import('../../jobs/runs/on-this-machine.js');
  const { planOnThisMachine } = await import('../../jobs/sweep/settings.js');
  const { readSweep } = await import('../../jobs/sweep/read-sweep.js');
  const { bestOf } = await import('../../jobs/sweep/results.js');
  const given = { ...(await readSweep(file)), ...(await givenDevice(device)) };
  const plan = redis === undefined ? planOnThisMachine(given) : given;
  const folder = out ?? defaultFolder(file);
  // With --json the results alone go to the standard output.
  const shown = !json || process.stderr.isTTY;
  const view = shown ? sweepView(json ? process.stderr : process.stdout, plan) : undefined;
  const start = redis === undefined ? onThisMachine(giveUpAfter) : await runsThrough(redis, view);
  const result = await untilInterrupted((signal) => run(plan, folder, start, view?.show, signal)).finally(() => view?.close());
  console.log(json ? JSON.stringify(result, null, 2) : `\n${sweepText(result)}`);
  for (const line of firstProblems(result.problems)) console.error(line);
  if (!result.finished) {
    console.error('To go on: the same command again');
    process.exitCode = INTERRUPTED;
  } else if (bestOf(result.trials) === undefined) process.exitCode = 1;
}
