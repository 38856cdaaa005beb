import { join } from 'node:path';
import { Argument, Command, type Option } from 'commander';
import { ConfigError } from '../../base/errors.js';
import { ALIGNMENT_TEMPLATES } from '../../faces/align.js';
import type { CropOptions } from '../../jobs/crop/settings.js';
import { cropText } from '../crop-text.js';
import { givenDevice } from '../device.js';
import { INTERRUPTED, untilInterrupted } from '../interrupt.js';
import { choiceOption, countOption, deviceOption, numberOption, pathOption } from '../options.js';
import { firstProblems } from '../problems.js';
import { LOOKING_THROUGH_SOURCE, pictureProgress } from '../progress.js';
import { queuePlace, redisOption } from '../redis-option.js';

/** The exit code when some pictures could not be cropped. */
const SOME_FAILED = 2;
const TEMPLATES = 'points of the face that are brought to fixed places, or all of them without a distortion';

const SOURCE = new Argument('<source...>', 'folder of pictures, CSV manifest with a column `file`, text file of addresses, s3://bucket/prefix/, or fold files of Adience');
const OUT = new Argument('<out>', 'folder of the crops; called again with the same options, the command goes on where it stopped');

type Options = Omit<CropOptions, 'source' | 'out'> & { json?: boolean; redis?: string };

/** `ageband crop`: a data set of aligned faces. */
export function cropCommand(): Command {
  return new Command('crop')
    .description('find the largest face of each picture and write it, aligned, into a folder of the same structure')
    .usage('[options] <source...> <out>')
    .addArgument(SOURCE)
    .configureHelp({ visibleArguments: () => [SOURCE, OUT] })
    .addOption(pathOption('--root <folder>', 'folder that the file names of a CSV manifest start from (default: its own folder)'))
    .addOption(numberOption('--size <pixels>', 'width and height of a crop', 227))
    .addOption(choiceOption('--template <name>', TEMPLATES, ALIGNMENT_TEMPLATES, 'outer-eyes-and-nose'))
    .addOption(numberOption('--margin <fraction>', 'how much more a crop shows on each side', 0))
    .addOption(choiceOption('--format <name>', 'format of the crops', ['jpeg', 'png', 'webp'], 'jpeg'))
    .addOption(numberOption('--quality <percent>', 'quality of JPEG and WebP, 1 to 100', 95))
    .option('--all-faces', 'write every face, the largest as NAME-1, instead of the largest alone')
    .addOption(numberOption('--min-size <pixels>', 'faces smaller than this do not count', 0))
    .addOption(noFaceOption())
    .addOption(deviceOption())
    .addOption(countOption('--workers <count>', 'threads that crop (default: one per core)'))
    .addOption(redisOption().conflicts(['workers', 'device']))
    .option('--json', 'print the summary as JSON')
    .action(async (paths: string[], { json, redis, device, ...chosen }: Options) => {
      const { source, out } = sourceAndOut(paths);
      const options = { ...chosen, ...(await givenDevice(device)) };
      const { cropPictures, cropPicturesThrough } = await import('../../jobs/crop/crop-pictures.js');
      const progress = pictureProgress(process.stderr, 'cropped', LOOKING_THROUGH_SOURCE);
      const place = redis === undefined ? undefined : await queuePlace(redis, progress);
      const crop = (signal: AbortSignal) =>
        place === undefined
          ? cropPictures({ source, out, ...options }, progress.show, signal)
          : cropPicturesThrough(place, { source, out, ...options }, progress.show, signal);
      const summary = await untilInterrupted(crop).finally(progress.close);
      console.log(json ? JSON.stringify(summary, null, 2) : cropText(summary));
      const { problems } = summary;
      for (const line of firstProblems(problems, join(out, 'problems.csv'))) console.error(line);
      if (problems.length > 0) process.exitCode = SOME_FAILED;
      if (summary.finished) return;
      console.error('To go on: the same command again');
      process.exitCode = INTERRUPTED;
    });
}

/** Commander knows arguments of any number at the end alone, but the folder of the crops comes last. */
function sourceAndOut(paths: readonly string[]): { source: string[]; out: string } {
  const [source, out] = [paths.slice(0, -1), paths.at(-1)];
  if (out !== undefined && source.length > 0) return { source, out };
  throw new ConfigError('crop: no folder for the crops given', { hint: 'For example: ageband crop photos faces' });
}

/** Commander takes an option that begins with `--no-` for the negation of another one; this one stands for itself. */
function noFaceOption(): Option {
  const description = 'a picture without a face: keep it whole, squashed to the size, or skip it';
  const option = choiceOption('--no-face <action>', description, ['keep', 'skip'], 'keep');
  option.negate = false;
  return option;
}
