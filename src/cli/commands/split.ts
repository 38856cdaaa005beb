import { Command } from 'commander';
import { ConfigError } from '../../base/errors.js';
import type { Materialised, MaterialiseOptions } from '../../data/materialise.js';
import type { SplitManifestOptions } from '../../data/split-manifest.js';
import { choiceOption, countOption, numberOption, pathOption } from '../options.js';
import { firstProblems } from '../problems.js';
import { pictureProgress } from '../progress.js';
import { materialisedText, splitText, splitWarnings } from '../split-text.js';

interface Options extends SplitManifestOptions {
  materialise?: MaterialiseOptions['how'];
  into?: string;
  json?: boolean;
}

/** `ageband split`: train, valid and test, or folds, that no subject is in two of. */
export function splitCommand(): Command {
  return new Command('split')
    .description('divide the pictures of a manifest into train, valid and test, without cutting a subject')
    .argument('<manifest>', 'CSV file with a column `file`')
    .addOption(numberOption('--train <fraction>', 'fraction to train on', 0.6))
    .addOption(numberOption('--valid <fraction>', 'fraction to validate on', 0.2))
    .addOption(numberOption('--test <fraction>', 'fraction to test on', 0.2))
    .addOption(countOption('--folds <count>', 'draw equal folds instead, into a column `fold`'))
    .option('--group-by <column>', 'what is never cut; `none` for nothing (default: subject, group or group_id)')
    .option('--stratify <column>', 'what keeps its proportions; `none` for nothing (default: band, label or age)')
    .addOption(
      choiceOption(
        '--protocol <name>',
        'report: picture by picture, as the report did',
        ['grouped', 'report'],
        'grouped',
      ),
    )
    .option('--no-near-duplicates', 'do not look for copies, which reads all pictures')
    .addOption(numberOption('--seed <number>', 'the same seed gives the same split', 1))
    .addOption(pathOption('--root <folder>', 'folder that the file names start from (default: that of the manifest)'))
    .addOption(pathOption('--out <file>', 'manifest to write (default: NAME.split.csv beside NAME.csv)'))
    .addOption(
      choiceOption('--materialise <how>', 'also make folders train, valid and test with a folder per band', [
        'copy',
        'link',
      ]),
    )
    .addOption(pathOption('--into <folder>', 'where to make these folders'))
    .option('--json', 'print JSON')
    .action(split);
}

async function split(path: string, { materialise, into, json, ...options }: Options): Promise<void> {
  const wanted = requireMaterialising(materialise, into, options.folds);
  const { splitManifest } = await import('../../data/split-manifest.js');
  const drawn = await withProgress('read', (show) => splitManifest(path, options, show));
  for (const warning of [...firstProblems(drawn.problems), ...splitWarnings(drawn)]) console.error(warning);
  if (!json) console.log(splitText(drawn));
  let made: Materialised | undefined;
  if (wanted !== undefined) {
    const { materialiseSplit } = await import('../../data/materialise.js');
    const all = { ...wanted, root: drawn.root };
    made = await withProgress('in place', (show) => materialiseSplit(drawn.out, all, show));
    for (const warning of firstProblems(made.problems)) console.error(warning);
    if (!json) console.log(materialisedText(made));
  }
  if (json) console.log(JSON.stringify({ ...drawn, materialised: made }, null, 2));
}

/** @throws {ConfigError} when the options that make folders do not fit together. */
function requireMaterialising(
  how: MaterialiseOptions['how'] | undefined,
  into: string | undefined,
  folds: number | undefined,
): MaterialiseOptions | undefined {
  if (how === undefined && into === undefined) return undefined;
  if (how === undefined || into === undefined) {
    throw new ConfigError('split: --materialise and --into go together, got only one of them', {
      hint: 'For example: ageband split faces.csv --materialise link --into faces-split',
    });
  }
  if (folds !== undefined) {
    throw new ConfigError('split: --materialise makes folders of train, valid and test, not of folds', {
      hint: 'Leave out --folds or --materialise.',
    });
  }
  return { how, into };
}

async function withProgress<Result>(
  verb: string,
  work: (show: (done: number, total: number) => void) => Promise<Result>,
): Promise<Result> {
  const progress = pictureProgress(process.stderr, verb);
  try {
    return await work(progress.show);
  } finally {
    progress.close();
  }
}
