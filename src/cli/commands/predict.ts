import { Command } from 'commander';
import type { ClassifierOptions, ModelChoice, Prediction } from '../../evaluation/classify.js';
import { givenDevice } from '../device.js';
import { namedPictures, type Failure } from '../pictures.js';
import { predictionText } from '../prediction-text.js';
import { ConfigError } from '../../base/errors.js';
import { countOption, deviceOption, modelOption, pathOption } from '../options.js';
import { predictInto } from '../predict-into.js';
import { redisOption, THROUGH_QUEUE } from '../redis-option.js';
import { pictureProgress } from '../progress.js';

/** The exit code when some pictures could not be classified. */
const SOME_FAILED = 2;

interface Options extends ModelChoice, ClassifierOptions {
  json?: boolean;
  out?: string;
  root?: string;
  redis?: string;
}

/** `ageband predict`: the age bands of pictures. */
export function predictCommand(): Command {
  return new Command('predict')
    .description('tell the age band of each picture, with the probabilities of all bands')
    .argument('<picture...>', 'files, folders and globs')
    .addOption(modelOption())
    .addOption(deviceOption())
    .addOption(countOption('--threads <count>', 'threads that compute (default: one per core)'))
    .addOption(pathOption('--out <folder>', 'for many pictures: write predictions.csv there, and go on where it stopped; takes a folder, CSV manifest, text file of addresses or s3://bucket/prefix/'))
    .addOption(pathOption('--root <folder>', 'with --out: folder that the file names of a CSV manifest start from (default: its own folder)'))
    .addOption(redisOption(`with --out: ${THROUGH_QUEUE}`).conflicts(['threads', 'device']))
    .option('--json', 'print one JSON array; with --out, the summary')
    .action(async (names: string[], { json, out, root, redis, device, ...chosen }: Options) => {
      const options = { ...chosen, ...(await givenDevice(device)) };
      if (out !== undefined) {
        await predictInto(out, names, { json, root, redis, ...options });
        return;
      }
      if (redis !== undefined || root !== undefined) {
        throw new ConfigError(`predict --${redis === undefined ? 'root' : 'redis'}: no folder for the predictions given`, {
          hint: 'For example: ageband predict photos --out ages --redis redis://localhost:6379',
        });
      }
      const { files, failures } = await namedPictures(names);
      const results: (Prediction | Failure)[] = [...failures];
      failures.forEach(reportFailure);
      // Results that run over the terminal show by themselves that it goes on.
      const progress = json || !process.stdout.isTTY ? pictureProgress(process.stderr, 'classified') : undefined;
      try {
        progress?.show(0, files.length);
        for await (const result of classifyAll(files, options)) {
          results.push(result);
          if ('error' in result) {
            progress?.close();
            reportFailure(result);
          } else if (!json) console.log(predictionText(result, process.stdout));
          progress?.show(results.length - failures.length, files.length);
        }
      } finally {
        progress?.close();
      }
      if (json) console.log(JSON.stringify(results, null, 2));
      if (results.some((result) => 'error' in result)) process.exitCode = SOME_FAILED;
    });
}

async function* classifyAll(
  files: readonly string[],
  options: ModelChoice & ClassifierOptions,
): AsyncGenerator<Prediction | Failure> {
  const { openClassifier } = await import('../../evaluation/classify.js');
  const classifier = await openClassifier(options);
  try {
    for (const file of files) yield* await classifier.classify([file]);
  } finally {
    await classifier.dispose();
  }
}

function reportFailure({ file, error }: Failure): void {
  console.error(`${file}: ${error}`);
}
