import { Command } from 'commander';
import { AGE_BANDS } from '../../data/bands.js';
import { getModel, modelNames } from '../../models/registry.js';
import { summarise } from '../../models/summary.js';
import { DEFAULT_CONFIG } from '../../training/config.js';
import { countOption } from '../options.js';
import { summaryTable } from '../summary-table.js';

interface Options {
  imageSize: number;
  classes: number;
  json?: boolean;
}

/** `ageband summary`: the layers of a network. */
export function summaryCommand(): Command {
  return new Command('summary')
    .description('print the layers, output shapes and parameters of a network')
    .argument('<model>', modelNames().join(', '))
    .addOption(countOption('--image-size <pixels>', 'width and height of the input').default(DEFAULT_CONFIG.imageSize))
    .addOption(countOption('--classes <count>', 'outputs').default(AGE_BANDS.length))
    .option('--json', 'print JSON')
    .action((name: string, { json, ...size }: Options) => {
      const summary = summarise(getModel(name), size);
      console.log(json ? JSON.stringify(summary, null, 2) : summaryTable(summary));
    });
}
