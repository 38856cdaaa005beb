import { Command } from 'commander';
import { ConfigError } from '../../base/errors.js';
import { DEFAULT_CONFIG } from '../../training/config.js';
import type { DeviceChoice } from '../../runtime/device.js';
import { readConfigFile, withGiven } from '../config-file.js';
import { givenOptions, pathOption } from '../options.js';
import { runTraining } from '../run-training.js';
import { addNetworkOptions, addTrainingOptions } from '../training-options.js';

/** Options that are about the command, not about what it computes. */
const OF_THE_COMMAND = ['out', 'config', 'resume', 'json'];

interface Options {
  out: string;
  config?: string;
  resume?: boolean;
  json?: boolean;
}

/** `ageband train`: a new run, or one that was interrupted. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a network; without options, as the report did')
    .argument('[data]', 'folder of train/ valid/ test/ or of classes, or CSV manifest')
    .addOption(pathOption('--out <folder>', 'folder of the run').makeOptionMandatory())
    .addOption(
      pathOption(
        '--config <file>',
        'file of settings, such as the config.json of a run or the best.json of a sweep; other options come before it',
      ),
    )
    .addOption(pathOption('--weights <file>', 'weights to start from: a file of Keras, PyTorch, safetensors or ONNX, or its https address'))
    .option('--resume', 'go on with the interrupted run in --out, with its own data and options; --device may be another')
    .option('--json', 'print every event as a line of JSON')
    .action((data: string | undefined, options: Options) => startTraining(command, data, options));
  return addTrainingOptions(addNetworkOptions(command), DEFAULT_CONFIG);
}

async function startTraining(command: Command, data: string | undefined, options: Options): Promise<void> {
  const { out, config, resume = false, json = false } = options;
  const settings = { ...(data === undefined ? {} : { data }), ...givenOptions(command, OF_THE_COMMAND) };
  const { resumeRun, train } = await import('../../training/train.js');
  if (resume) {
    const { device, ...others } = settings as { device?: DeviceChoice };
    refuseSettings(config === undefined ? others : { config, ...others }, out);
    await runTraining((listen, signal) => resumeRun(out, listen, signal, device === undefined ? {} : { device }), json);
    return;
  }
  const chosen = config === undefined ? settings : withGiven(await readConfigFile(config), settings);
  const { data: source } = chosen;
  if (typeof source !== 'string') {
    throw new ConfigError('train: no data set given', {
      hint: 'Name a folder or a CSV manifest: ageband train DATA --out runs/x. An interrupted run needs only --resume.',
    });
  }
  await runTraining((listen, signal) => train({ ...chosen, data: source, out }, listen, signal), json);
}

function refuseSettings(settings: Record<string, unknown>, out: string): void {
  const names = Object.keys(settings);
  if (names.length === 0) return;
  throw new ConfigError(`train --resume: a run that has begun keeps its settings, got ${names.join(', ')}`, {
    hint: `Leave them out: ageband train --resume --out ${out}`,
  });
}
