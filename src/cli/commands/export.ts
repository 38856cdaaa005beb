import { Command } from 'commander';
import { ConfigError } from '../../base/errors.js';
import type { MapMethod } from '../../explain/map-methods.js';
import { MAP_METHODS } from '../../explain/map-methods.js';
import type { ExportFormat } from '../../training/export-formats.js';
import { EXPORT_FORMATS } from '../../training/export-formats.js';
import { checkpointOption, choiceOption, type CheckpointOptions } from '../options.js';
import { byteStages } from '../progress.js';

interface Options extends CheckpointOptions {
  format?: ExportFormat;
  explain?: MapMethod;
  layer?: string;
  eightBits?: true;
}

/** `ageband export`: a run's network as a file for other programs. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the network of a run as ONNX for inference, or for Keras, or as safetensors')
    .argument('<run>', 'folder of the run')
    .argument('<file>', 'file to write: .onnx, .keras, .h5 or .safetensors')
    .addOption(choiceOption('--format <name>', 'format, where the name of the file does not say it', EXPORT_FORMATS))
    .addOption(checkpointOption())
    .addOption(
      choiceOption('--explain <method>', 'write an ONNX model that gives maps of what it looks at instead', MAP_METHODS),
    )
    .option('--layer <name>', 'of --explain: the convolution that is looked at (default: the last whose map has 5 × 5 cells or more)')
    .option('--eight-bits', 'keep each weight of an ONNX file as 8 bits, with a scale per channel: a quarter of the size')
    .action(async (run: string, file: string, { explain: method, layer, format, checkpoint, eightBits }: Options) => {
      const { exportExplainer, exportRun } = await import('../../training/export.js');
      if (method === undefined) {
        if (layer !== undefined) throw new ConfigError('--layer belongs to --explain');
        const progress = byteStages(process.stderr);
        await exportRun(run, file, { checkpoint, eightBits: eightBits ?? false, ...(format && { format }) }, progress.show).finally(progress.close);
      } else {
        if ((format ?? 'onnx') !== 'onnx') throw new ConfigError('--explain writes ONNX alone');
        if (eightBits) throw new ConfigError('--eight-bits belongs to models for inference');
        await exportExplainer(run, file, { checkpoint, method, ...(layer && { layer }) });
      }
      console.log(file);
    });
}
