import { Command } from 'commander';
import { pathOption } from '../options.js';
import { pictureStages } from '../progress.js';

interface Options {
  data?: string;
  root?: string;
  out?: string;
  pictures: boolean;
}

/** `ageband report`: a run written up. */
export function reportCommand(): Command {
  return new Command('report')
    .description('measure a run on all its pictures and write it up, as one HTML file that needs nothing else and as Markdown')
    .argument('<run>', 'folder of the run')
    .addOption(pathOption('--data <data>', 'data set to measure on (default: that of the run, as it was split)'))
    .addOption(pathOption('--root <folder>', 'folder that the file names of a CSV manifest start from (default: its own folder)'))
    .addOption(pathOption('--out <file>', 'HTML file to write; the Markdown goes beside it (default: report.html in the run)'))
    .option('--no-pictures', 'leave out all photos, for a report that is passed on')
    .action(async (run: string, options: Options) => {
      const { writeReport } = await import('../../reports/report.js');
      const progress = pictureStages(process.stderr);
      let files;
      try {
        files = await writeReport(run, options, progress.show);
      } finally {
        progress.close();
      }
      console.log([files.html, files.markdown].join('\n'));
      if (options.pictures) console.log('Both show photos of the data set; --no-pictures leaves them out.');
    });
}
