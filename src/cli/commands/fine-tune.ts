import { Command } from 'commander';
import { givenOptions, pathOption } from '../options.js';
import { runTraining } from '../run-training.js';
import { addTrainingOptions } from '../training-options.js';

interface Options {
  out: string;
  json?: boolean;
}

/** `ageband fine-tune`: a new run that starts from the weights and the configuration of another. */
export function fineTuneCommand(): Command {
  const command = new Command('fine-tune')
    .description(
      'train on other data, starting from the best weights of a run; all else stays unless an option says so',
    )
    .argument('<run>', 'folder of the run to start from')
    .argument('<data>', 'data set, in any of the forms that `train` reads')
    .addOption(pathOption('--out <folder>', 'folder of the new run').makeOptionMandatory())
    .option('--json', 'print every event as a line of JSON')
    .action(async (from: string, data: string, { out, json = false }: Options) => {
      const { fineTune } = await import('../../training/train.js');
      const settings = givenOptions(command, ['out', 'json']);
      await runTraining((listen, signal) => fineTune({ ...settings, from, data, out }, listen, signal), json);
    });
  return addTrainingOptions(command, {});
}
