import { Command, Option } from 'commander';
import type { Split } from '../../data/sample.js';
import { comparisonText } from '../comparison-text.js';
import { pathOption } from '../options.js';
import { firstProblems } from '../problems.js';
import { pictureStages } from '../progress.js';
import { shownPath } from '../shown-path.js';

interface Options {
  data?: string;
  root?: string;
  split: Split;
  allowLeaks?: boolean;
  nearDuplicates: boolean;
  out?: string;
  json?: boolean;
}

/** `ageband compare`: runs side by side on the same pictures. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('measure runs on the same pictures and tell which of their differences from the first are more than chance')
    .argument('<run...>', 'folders of two or more runs')
    .addOption(pathOption('--data <data>', 'data set to measure on (default: that of the runs, if they have the same pictures)'))
    .addOption(pathOption('--root <folder>', 'folder that the file names of a CSV manifest start from (default: its own folder)'))
    .addOption(new Option('--split <name>', 'part of the data set').choices(['train', 'valid', 'test']).default('test'))
    .option('--allow-leaks', 'compare although subjects or copies of training pictures are among them, with a warning')
    .option('--no-near-duplicates', 'do not look for copies of training pictures, which reads all pictures once')
    .addOption(pathOption('--out <file>', 'also write an HTML file, with Markdown beside it'))
    .option('--json', 'print JSON')
    .action(async (runs: string[], { out, json, ...options }: Options) => {
      const { compareRuns } = await import('../../reports/compare.js');
      const { documentFiles } = await import('../../reports/write-document.js');
      if (out !== undefined) await documentFiles(out);
      const progress = pictureStages(process.stderr);
      let comparison;
      try {
        comparison = await compareRuns(runs, options, (done, total, verb, run) =>
          progress.show(done, total, run === undefined ? verb : `${verb} (${shownPath(run)})`),
        );
      } finally {
        progress.close();
      }
      const { writeComparison } = await import('../../reports/write-comparison.js');
      const files = out === undefined ? undefined : await writeComparison(comparison, out);
      console.log(json ? JSON.stringify(comparison, null, 2) : comparisonText(comparison));
      for (const line of firstProblems(comparison.problems)) console.error(line);
      if (files !== undefined && !json) console.log(`\n${files.html}\n${files.markdown}`);
    });
}
