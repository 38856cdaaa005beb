import { Command } from 'commander';
import { ConfigError } from '../../base/errors.js';
import { modelNames } from '../../models/registry.js';
import { DEFAULT_CONFIG } from '../../training/config.js';
import { choiceOption, givenOptions, numberOption, pathOption } from '../options.js';
import { runTraining } from '../run-training.js';
import { addTrainingOptions } from '../training-options.js';

/** Options that are about the command, not about what it computes. */
const OF_THE_COMMAND = ['out', 'resume', 'json'];

interface Options {
  out: string;
  resume?: boolean;
  json?: boolean;
}

/** `ageband train`: a new run, or one that was interrupted. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a network; without options, as the report did')
    .argument('[data]', 'folder of train/ valid/ test/ or of classes, or CSV manifest')
    .addOption(pathOption('--out <folder>', 'folder of the run').makeOptionMandatory())
    .addOption(choiceOption('--model <name>', 'network', modelNames(), DEFAULT_CONFIG.model))
    .addOption(numberOption('--image-size <pixels>', 'width and height of the input', DEFAULT_CONFIG.imageSize))
    .option('--resume', 'go on with the interrupted run in --out, with its own data and options')
    .option('--json', 'print every event as a line of JSON')
    .action((data: string | undefined, options: Options) => startTraining(command, data, options));
  return addTrainingOptions(command, DEFAULT_CONFIG);
}

async function startTraining(command: Command, data: string | undefined, options: Options): Promise<void> {
  const { out, resume = false, json = false } = options;
  const settings = givenOptions(command, OF_THE_COMMAND);
  const { resumeRun, train } = await import('../../training/train.js');
  if (resume) {
    refuseSettings(data === undefined ? settings : { data, ...settings }, out);
    await runTraining((listen, signal) => resumeRun(out, listen, signal), json);
    return;
  }
  if (data === undefined) {
    throw new ConfigError('train: no data set given', {
      hint: 'Name a folder or a CSV manifest: ageband train DATA --out runs/x. An interrupted run needs only --resume.',
    });
  }
  await runTraining((listen, signal) => train({ ...settings, data, out }, listen, signal), json);
}

function refuseSettings(settings: Record<string, unknown>, out: string): void {
  const names = Object.keys(settings);
  if (names.length === 0) return;
  throw new ConfigError(`train --resume: a run that has begun keeps its settings, got ${names.join(', ')}`, {
    hint: `Leave them out: ageband train --resume --out ${out}`,
  });
}
