import { Command } from 'commander';

/** `ageband plot`: the curves of a run. */
export function plotCommand(): Command {
  return new Command('plot')
    .description('draw accuracy and loss of a run against its epochs, as PNG and SVG')
    .argument('<run>', 'folder of the run')
    .action(async (run: string) => {
      const { plotHistory } = await import('../../evaluation/plots.node.js');
      for (const file of await plotHistory(run)) console.log(file);
    });
}
