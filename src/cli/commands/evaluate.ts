import { Command, Option } from 'commander';
import { evaluationText } from '../evaluation-text.js';
import { checkpointOption, type CheckpointOptions } from '../options.js';
import { problemText } from '../problems.js';
import { pictureProgress } from '../progress.js';

interface Options extends CheckpointOptions {
  split: 'train' | 'valid' | 'test';
  root?: string;
  allowLeaks?: boolean;
  json?: boolean;
}

/** `ageband evaluate`: how well a run does on labelled pictures. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('measure loss, exact and one-off accuracy with their intervals, calibration, and the figures of each band')
    .argument('<run>', 'folder of the run')
    .argument('<data>', 'data set, in any of the forms that `train` reads')
    .addOption(new Option('--split <name>', 'part of the data set').choices(['train', 'valid', 'test']).default('test'))
    .option('--root <folder>', 'folder that the file names of a CSV manifest start from (default: its own folder)')
    .addOption(checkpointOption())
    .option('--allow-leaks', 'measure although subjects of the split are also in train, with a warning')
    .option('--json', 'print JSON')
    .action(async (run: string, data: string, { json, ...options }: Options) => {
      const { evaluateRun } = await import('../../evaluation/evaluate.js');
      const progress = pictureProgress(process.stderr);
      try {
        const evaluation = await evaluateRun(run, data, options, progress.show);
        progress.close();
        console.log(json ? JSON.stringify(evaluation, null, 2) : evaluationText(evaluation));
        for (const problem of evaluation.problems) console.error(problemText(problem));
      } finally {
        progress.close();
      }
    });
}
