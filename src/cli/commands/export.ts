import { Command } from 'commander';
import { ConfigError } from '../../base/errors.js';
import { MAP_METHODS, type MapMethod } from '../../explain/class-maps.js';
import { checkpointOption, choiceOption, type CheckpointOptions } from '../options.js';

interface Options extends CheckpointOptions {
  explain?: MapMethod;
  layer?: string;
}

/** `ageband export`: a run's network as an ONNX file. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the network of a run as an ONNX model for inference')
    .argument('<run>', 'folder of the run')
    .argument('<file>', 'ONNX file to write')
    .addOption(checkpointOption())
    .addOption(choiceOption('--explain <method>', 'write a model that gives maps of what it looks at instead', MAP_METHODS))
    .option('--layer <name>', 'of --explain: the convolution that is looked at (default: the last one)')
    .action(async (run: string, file: string, { explain: method, ...options }: Options) => {
      const { exportExplainer, exportRun } = await import('../../training/export.js');
      if (method !== undefined) await exportExplainer(run, file, { ...options, method });
      else if (options.layer !== undefined) throw new ConfigError('--layer belongs to --explain');
      else await exportRun(run, file, options);
      console.log(file);
    });
}
