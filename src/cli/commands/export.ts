import { Command } from 'commander';
import type { ExportFormat } from '../../training/export.js';
import { checkpointOption, choiceOption, type CheckpointOptions } from '../options.js';

/** Spelled out, so that the help need not load what writes the files. */
const FORMATS: readonly ExportFormat[] = ['onnx', 'keras', 'h5', 'safetensors'];

/** `ageband export`: a run's network as a file for other programs. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the network of a run as ONNX for inference, or for Keras, or as safetensors')
    .argument('<run>', 'folder of the run')
    .argument('<file>', 'file to write: .onnx, .keras, .h5 or .safetensors')
    .addOption(choiceOption('--format <name>', 'format, where the name of the file does not say it', FORMATS))
    .addOption(checkpointOption())
    .action(async (run: string, file: string, options: CheckpointOptions & { format?: ExportFormat }) => {
      const { exportRun } = await import('../../training/export.js');
      await exportRun(run, file, options);
      console.log(file);
    });
}
