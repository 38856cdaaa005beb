import { Command } from 'commander';
import { AGE_BANDS } from '../../data/bands.js';
import { getModel, modelNames } from '../../models/registry.js';
import { summarise } from '../../models/summary.js';
import { DEFAULT_CONFIG, parseConfig } from '../../training/config.js';
import { chooseLayers } from '../../training/layer-choice.js';
import { countOption } from '../options.js';
import { summaryTable } from '../summary-table.js';

interface Options {
  imageSize: number;
  classes: number;
  freeze?: string;
  json?: boolean;
}

/** `ageband summary`: the layers of a network. */
export function summaryCommand(): Command {
  return new Command('summary')
    .description('print the layers, output shapes and parameters of a network')
    .argument('<model>', modelNames().join(', '))
    .addOption(countOption('--image-size <pixels>', 'width and height of the input').default(DEFAULT_CONFIG.imageSize))
    .addOption(countOption('--classes <count>', 'outputs').default(AGE_BANDS.length))
    .option('--freeze <layers>', 'layers whose weights count as not trainable, as for `train`')
    .option('--json', 'print JSON')
    .action((model: string, { json, freeze, ...size }: Options) => {
      const network = getModel(model);
      const config = parseConfig({ data: '.', model, freeze, imageSize: size.imageSize });
      const { frozen } = chooseLayers(config, Array.from({ length: size.classes }, (_, index) => String(index)));
      const summary = summarise(network, { ...size, frozen });
      console.log(json ? JSON.stringify(summary, null, 2) : summaryTable(summary));
    });
}
