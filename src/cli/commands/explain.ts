import { Command } from 'commander';
import { ConfigError } from '../../base/errors.js';
import { DEFAULT_METHOD, MAP_METHODS } from '../../explain/map-methods.js';
import type { ExplainOptions } from '../../evaluation/explain.js';
import type { WrittenExplanation } from '../../evaluation/write-explanations.js';
import type { FaithfulnessOptions } from '../../evaluation/faithfulness/measure.js';
import { givenDevice } from '../device.js';
import { explanationText } from '../explanation-text.js';
import { faithfulnessText } from '../faithfulness-text.js';
import { checkpointOption, choiceOption, countOption, deviceOption, modelOption, numberOption, pathOption } from '../options.js';
import { namedPictures, type Failure } from '../pictures.js';
import { firstProblems } from '../problems.js';
import { pictureProgress } from '../progress.js';

/** The exit code when some pictures could not be explained. */
const SOME_FAILED = 2;

type Options = ExplainOptions &
  FaithfulnessOptions & { out: string; raw?: boolean; json?: boolean; faithfulness?: string };

/** `ageband explain`: where a network finds what speaks for a band. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('show where in pictures a network finds what speaks for a band, or measure how right such maps are')
    .argument('[picture...]', 'files, folders and globs')
    .addOption(modelOption())
    .addOption(choiceOption('--method <name>', 'how the map is made', MAP_METHODS, DEFAULT_METHOD))
    .option('--band <name>', 'the band that is explained (default: for each picture, the likeliest)')
    .option('--layer <name>', 'the convolution that is looked at (default: the last whose map has 5 × 5 cells or more)')
    .addOption(pathOption('--out <folder>', 'folder of the figures; those of the same name are replaced').default('explained'))
    .option('--raw', 'write the values of each map too, as NAME.npy')
    .addOption(numberOption('--opacity <share>', 'of the colours over the picture, 0 to 1', 0.5))
    .addOption(checkpointOption())
    .addOption(deviceOption())
    .addOption(countOption('--threads <count>', 'threads that compute (default: one per core)'))
    .option('--json', 'print JSON')
    .option('--faithfulness <data>', 'instead of pictures: measure the maps on a data set that `train` reads')
    .addOption(choiceOption('--split <name>', 'part of that data set', ['train', 'valid', 'test'], 'test'))
    .addOption(pathOption('--root <folder>', 'folder that the file names of a CSV manifest start from (default: its own folder)'))
    .addOption(countOption('--limit <count>', 'take so many pictures of the part, drawn evenly over the bands'))
    .action(async (names: string[], options: Options) => {
      const { faithfulness, device, ...others } = options;
      const rest = { ...others, ...(await givenDevice(device)) };
      if (faithfulness !== undefined && names.length > 0) {
        throw new ConfigError('give either pictures or --faithfulness with a data set, not both');
      }
      if (faithfulness !== undefined) await measure(faithfulness, rest);
      else if (names.length > 0) await explain(names, rest);
      else throw new ConfigError('no picture is given', { hint: 'Name files or folders, or a data set with --faithfulness.' });
    });
}

async function explain(names: readonly string[], { out, json, ...options }: Options): Promise<void> {
  const { files, failures } = await namedPictures(names);
  const results: (WrittenExplanation | Failure)[] = [...failures];
  const progress = pictureProgress(process.stderr, 'explained');
  const tell = (text: string, stream: NodeJS.WriteStream): void => {
    progress.close();
    stream.write(`${text}\n`);
  };
  for (const { file, error } of failures) tell(`${file}: ${error}`, process.stderr);
  const { writeExplanations } = await import('../../evaluation/write-explanations.js');
  try {
    for await (const result of writeExplanations(files, out, options)) {
      results.push(result);
      if ('error' in result) tell(`${result.file}: ${result.error}`, process.stderr);
      else if (!json) tell(explanationText(result), process.stdout);
      progress.show(results.length - failures.length, files.length);
    }
  } finally {
    progress.close();
  }
  if (json) console.log(JSON.stringify(results, null, 2));
  if (results.some((result) => 'error' in result)) process.exitCode = SOME_FAILED;
}

async function measure(data: string, { model: run, out, json, ...options }: Options): Promise<void> {
  if (run === undefined) throw new ConfigError('--faithfulness measures a run', { hint: 'Name its folder with --model.' });
  const { measureFaithfulnessIn } = await import('../../jobs/faithfulness.js');
  const { plotFaithfulness } = await import('../../evaluation/faithfulness/plot.js');
  const progress = pictureProgress(process.stderr, 'measured');
  const result = await measureFaithfulnessIn(out, run, data, options, progress.show).finally(progress.close);
  const files = await plotFaithfulness(result, out);
  console.log(json ? JSON.stringify({ ...result, plots: files }, null, 2) : faithfulnessText(result, files));
  for (const line of firstProblems(result.problems)) console.error(line);
}
