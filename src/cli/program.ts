import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { compareCommand } from './commands/compare.js';
import { cropCommand } from './commands/crop.js';
import { crossValidateCommand } from './commands/cross-validate.js';
import { dataCommand } from './commands/data.js';
import { evaluateCommand } from './commands/evaluate.js';
import { explainCommand } from './commands/explain.js';
import { exportCommand } from './commands/export.js';
import { fineTuneCommand } from './commands/fine-tune.js';
import { importCommand } from './commands/import.js';
import { plotCommand } from './commands/plot.js';
import { predictCommand } from './commands/predict.js';
import { queueCommand } from './commands/queue.js';
import { reportCommand } from './commands/report.js';
import { serveCommand } from './commands/serve.js';
import { splitCommand } from './commands/split.js';
import { summaryCommand } from './commands/summary.js';
import { sweepCommand } from './commands/sweep.js';
import { trainCommand } from './commands/train.js';
import { workerCommand } from './commands/worker.js';

/** The `ageband` command with all that it can do. */
export function createProgram(): Command {
  return new Command('ageband')
    .description('Tell the age band of a face in a photo: prepare data, train, evaluate and use such models.')
    .version(packageVersion())
    .addCommand(summaryCommand())
    .addCommand(dataCommand())
    .addCommand(cropCommand())
    .addCommand(splitCommand())
    .addCommand(trainCommand())
    .addCommand(plotCommand())
    .addCommand(evaluateCommand())
    .addCommand(reportCommand())
    .addCommand(compareCommand())
    .addCommand(crossValidateCommand())
    .addCommand(sweepCommand())
    .addCommand(predictCommand())
    .addCommand(explainCommand())
    .addCommand(serveCommand())
    .addCommand(fineTuneCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(workerCommand())
    .addCommand(queueCommand());
}

function packageVersion(): string {
  const manifest = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
