import { Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../../base/errors.js';
import type { CrossValidateOptions } from '../../jobs/cross-validate/settings.js';
import type { DeviceChoice } from '../../runtime/device.js';
import { DEFAULT_CONFIG } from '../../training/config.js';
import { readConfigFile, withGiven } from '../config-file.js';
import { crossValidationText } from '../cross-validation-text.js';
import { crossValidationView } from '../cross-validation-view.js';
import { INTERRUPTED, untilInterrupted } from '../interrupt.js';
import { givenOptions, numberOption, pathOption } from '../options.js';
import { firstProblems } from '../problems.js';
import { giveUpOption, queuePlace, redisOption } from '../redis-option.js';
import { quotedPath } from '../shown-path.js';
import { addNetworkOptions, addTrainingOptions } from '../training-options.js';

/** Options that are about the command, not about what it computes. */
const OF_THE_COMMAND = ['config', 'resume', 'redis', 'giveUpAfter', 'json'];

interface Options {
  config?: string;
  resume?: string;
  redis?: string;
  giveUpAfter?: number;
  json?: boolean;
}

/** `ageband cross-validate`: one training and one test per fold. */
export function crossValidateCommand(): Command {
  const command = new Command('cross-validate')
    .description('train and test once per fold, and give mean and standard deviation over the folds')
    .argument('[data]', 'CSV manifest, or folder of classes')
    .addOption(
      new Option(
        '--folds <which>',
        'published: those in the column `fold` of the manifest; a number: so many are drawn',
      ).argParser(parseFolds),
    )
    .option('--group-by <column>', 'what is never cut; `none` for nothing (default: subject, group or group_id)')
    .option('--no-near-duplicates', 'do not look for copies before folds are drawn, which reads all pictures')
    .option('--allow-leaks', 'go on although published folds cut subjects, with a warning')
    .addOption(pathOption('--out <folder>', 'folder of the runs and results (default: runs/cross-validation)'))
    .addOption(pathOption('--config <file>', 'file of settings for the training; other options come before it'))
    .addOption(pathOption('--resume <folder>', 'go on with the interrupted cross-validation in this folder, with its own options; --device may be another'))
    .addOption(redisOption())
    .addOption(giveUpOption())
    .option('--json', 'print the results as JSON')
    .action((data: string | undefined, options: Options) => start(command, data, options));
  const addShare = (to: Command): void => {
    to.addOption(numberOption('--valid <share>', 'share of all pictures to validate on', DEFAULT_CONFIG.valid));
  };
  return addTrainingOptions(addNetworkOptions(command), DEFAULT_CONFIG, addShare);
}

function parseFolds(text: string): CrossValidateOptions['folds'] {
  if (text === 'published') return text;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 2) throw new InvalidArgumentError('It must be published or a number from 2 on.');
  return count;
}

async function start(command: Command, data: string | undefined, { config, resume, redis, giveUpAfter, json = false }: Options): Promise<void> {
  const given = { ...(data === undefined ? {} : { data }), ...givenOptions(command, OF_THE_COMMAND) };
  const { crossValidate, crossValidateThrough } = await import('../../jobs/cross-validate/cross-validate.js');
  const options = resume === undefined ? await optionsOf(given, config) : await resumedOptions(resume, config === undefined ? given : { config, ...given });

  // With --json the results alone go to the standard output.
  const view = !json || process.stderr.isTTY ? crossValidationView(json ? process.stderr : process.stdout) : undefined;
  const place = redis === undefined ? undefined : await queuePlace(redis, view);
  const result = await untilInterrupted((signal) =>
    place === undefined ? crossValidate({ ...options, giveUpAfter }, view?.show, signal) : crossValidateThrough(place, options, view?.show, signal),
  ).finally(() => view?.close());
  console.log(json ? JSON.stringify(result, null, 2) : `\n${crossValidationText(result)}`);
  for (const line of firstProblems(result.problems)) console.error(line);
  if (result.finished) return;
  console.error(`To go on: ageband cross-validate --resume ${quotedPath(result.out)}`);
  process.exitCode = INTERRUPTED;
}

async function optionsOf(given: Record<string, unknown>, config: string | undefined): Promise<CrossValidateOptions> {
  const chosen = config === undefined ? given : withGiven(await ownSettings(config), given);
  const { data, folds } = chosen;
  if (typeof data === 'string' && folds !== undefined) {
    return { ...chosen, data, folds: folds as CrossValidateOptions['folds'] };
  }
  throw new ConfigError(`cross-validate: no ${typeof data === 'string' ? 'folds' : 'data set'} given`, {
    hint: 'For example: ageband cross-validate adience.csv --folds published, or --folds 5 for other data.',
  });
}

/** The options of a cross-validation that was begun; of those that are given only the device may be another. */
async function resumedOptions(folder: string, { device, ...others }: Record<string, unknown>): Promise<CrossValidateOptions> {
  const { optionsIn } = await import('../../jobs/cross-validate/cross-validate.js');
  refuseOptions(others, folder);
  return { ...(await optionsIn(folder)), ...(device === undefined ? {} : { device: device as DeviceChoice }) };
}

/** The settings of a file but for those that the folds decide. */
async function ownSettings(config: string): Promise<Record<string, unknown>> {
  const { train: _train, test: _test, classes: _classes, ...settings } = await readConfigFile(config);
  return settings;
}

function refuseOptions(given: Record<string, unknown>, folder: string): void {
  const names = Object.keys(given);
  if (names.length === 0) return;
  throw new ConfigError(`cross-validate --resume: what has begun keeps its options, got ${names.join(', ')}`, {
    hint: `Leave them out: ageband cross-validate --resume ${quotedPath(folder)}`,
  });
}
