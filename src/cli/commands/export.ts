import { Command } from 'commander';
import { checkpointOption, type CheckpointOptions } from '../options.js';

/** `ageband export`: a run's network as an ONNX file. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the network of a run as an ONNX model for inference')
    .argument('<run>', 'folder of the run')
    .argument('<file>', 'ONNX file to write')
    .addOption(checkpointOption())
    .action(async (run: string, file: string, options: CheckpointOptions) => {
      const { exportRun } = await import('../../training/export.js');
      await exportRun(run, file, options);
      console.log(file);
    });
}
