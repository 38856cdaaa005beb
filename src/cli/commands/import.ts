import { Command, InvalidArgumentError, Option } from 'commander';
import type { ImportOptions } from '../../training/import-run.js';
import { countOption, pathOption } from '../options.js';
import { byteStages } from '../progress.js';
import { summaryTable } from '../summary-table.js';

interface Options extends ImportOptions {
  out: string;
  json?: boolean;
}

/** Spelled out, so that the help need not load what reads the files. */
const INPUT_RANGES = ['0..1', '0..255', '-1..1'];

/** `ageband import`: a run of a network from a file of Keras, safetensors or ONNX. */
export function importCommand(): Command {
  return new Command('import')
    .description('make a run of a network from a file, to evaluate, fine-tune, export or predict with')
    .argument('<file>', "Keras's .h5, .weights.h5 or .keras, or .safetensors or .onnx as `export` writes them")
    .addOption(pathOption('--out <folder>', 'folder of the run').makeOptionMandatory())
    .addOption(
      new Option('--classes <names>', 'names of the classes in the order of the outputs, with commas (default: those of the file, or the eight age bands)').argParser(namesOf),
    )
    .addOption(countOption('--image-size <pixels>', 'width and height of the pictures, where the file leaves it open'))
    .addOption(
      new Option('--input-range <range>', 'pixel values that the network was trained with (default: 0..1)').choices(INPUT_RANGES),
    )
    .option('--model <name>', 'registered network that a file with weights alone is for')
    .option('--json', 'print JSON')
    .action(async (file: string, { out, json, ...options }: Options) => {
      const [{ importModel }, { summarise }, { describedNetwork }] = await Promise.all([
        import('../../training/import-run.js'),
        import('../../models/summary.js'),
        import('../../nn/description.js'),
      ]);
      const progress = byteStages(process.stderr);
      const summary = await importModel(file, out, options, progress.show).finally(progress.close);
      if (json) {
        console.log(JSON.stringify(summary, null, 2));
        return;
      }
      const { name, layers, imageSize, classes, optimiserState, notes } = summary;
      console.log(summaryTable(summarise(describedNetwork(name, layers), { imageSize, classes: classes.length })));
      console.log(`Pictures: ${imageSize}×${imageSize} pixels. Classes: ${classes.join(', ')}.`);
      if (optimiserState) console.log("The optimiser's state came with the weights.");
      for (const note of notes) console.log(note);
      console.log(out);
    });
}

function namesOf(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.length < 2 || names.includes('')) throw new InvalidArgumentError('Give at least two names with commas between them.');
  return names;
}
