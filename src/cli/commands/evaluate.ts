import { join } from 'node:path';
import { Command, Option } from 'commander';
import { ConfigError } from '../../base/errors.js';
import type { RunCalibration } from '../../evaluation/calibrate.js';
import type { EvaluateOptions, Evaluation, EvaluationProgress } from '../../evaluation/evaluate.js';
import { givenDevice } from '../device.js';
import { calibrationText } from '../evaluation-notes.js';
import { splitsText } from '../evaluation-splits-text.js';
import { evaluationText } from '../evaluation-text.js';
import { checkpointOption, countOption, deviceOption, numberOption, pathOption, type CheckpointOptions } from '../options.js';
import { firstProblems, problemText } from '../problems.js';
import { pictureProgress, type PictureProgress } from '../progress.js';

interface Options extends CheckpointOptions, Omit<EvaluateOptions, 'split' | 'checkpoint'> {
  split: 'train' | 'valid' | 'test' | 'all';
  calibrate?: boolean;
  logitAdjustment?: number;
  plots?: string;
  mistakes?: string;
  json?: boolean;
}

/** `ageband evaluate`: how well a model does on labelled pictures. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('measure loss, exact and one-off accuracy with their intervals, calibration, and the figures of each band')
    .argument('<model>', 'folder of a run, or an exported ONNX file')
    .argument('[data]', 'data set, in any of the forms that `train` reads (default: the one that the run was trained on)')
    .addOption(
      new Option('--split <name>', 'part of the data set; all: side by side').choices(['train', 'valid', 'test', 'all']).default('test'),
    )
    .addOption(pathOption('--root <folder>', 'folder that the file names of a CSV manifest start from (default: its own folder)'))
    .addOption(checkpointOption())
    .option('--by <column>', 'also give the figures for each value of a column of the manifest; may be repeated', collect)
    .addOption(
      new Option('--protocol <name>', 'report: on pictures varied as in training, leaks allowed, as the report did')
        .choices(['plain', 'report'])
        .default('plain'),
    )
    .option('--calibrate', 'first fit a temperature on the validation split and keep it in the run and its model')
    .addOption(numberOption('--logit-adjustment <strength>', 'of --calibrate: favour bands that are rare in training, from 0 to 1', 0))
    .option('--allow-leaks', 'measure although subjects or copies of training pictures are among them, with a warning')
    .option('--no-near-duplicates', 'do not look for copies of training pictures, which reads all pictures once')
    .addOption(pathOption('--plots <folder>', 'draw the reliability diagram, the confusion matrix and the scores of each band'))
    .addOption(pathOption('--mistakes <file>', 'draw the worst mistakes with their pictures, as PNG'))
    .addOption(countOption('--worst <count>', 'worst mistakes to list and draw (default: 5 listed, 20 drawn and in JSON)'))
    .addOption(deviceOption())
    .option('--json', 'print JSON')
    .action(evaluate);
}

async function evaluate(model: string, data: string | undefined, given: Options): Promise<void> {
  requireFitting(given);
  const { json, plots, mistakes, calibrate, device, ...others } = given;
  const options = { ...others, ...(await givenDevice(device)) };
  const progress = evaluationProgress();
  try {
    const fitted = calibrate ? await calibrated(model, data, options, progress.show) : undefined;
    progress.close();
    if (fitted && !json) console.log(`${calibrationText(fitted)}\n`);
    const evaluations = await measured(model, data, options, progress.show);
    progress.close();
    const isOne = options.split !== 'all';
    const [first] = evaluations;
    if (!json) console.log(isOne ? evaluationText(first!, options.worst) : splitsText(evaluations));
    const written = await draw(evaluations, isOne, plots, mistakes);
    if (json) {
      const figures = isOne ? first : Object.fromEntries(evaluations.map((evaluation) => [evaluation.split, evaluation]));
      console.log(JSON.stringify({ ...figures, ...(fitted && { fitted }), ...(written.length > 0 && { written }) }, null, 2));
    } else if (written.length > 0) console.log(`\nWritten: ${written.join(', ')}`);
    const problems = new Map(evaluations.flatMap((evaluation) => evaluation.problems.map((problem) => [problemText(problem), problem])));
    for (const line of firstProblems([...problems.values()])) console.error(line);
  } finally {
    progress.close();
  }
}

/** @throws {ConfigError} when options do not go together */
function requireFitting({ split, calibrate, logitAdjustment, mistakes }: Options): void {
  if (logitAdjustment !== undefined && !calibrate) throw new ConfigError('evaluate: --logit-adjustment belongs to --calibrate');
  if (calibrate && split === 'valid') {
    throw new ConfigError('evaluate: --calibrate fits the temperature on the valid split, which cannot show what it is worth', {
      hint: 'Measure with --split test.',
    });
  }
  if (mistakes !== undefined && split === 'all') {
    throw new ConfigError('evaluate: --mistakes draws those of one split', { hint: 'Name one with --split.' });
  }
}

async function calibrated(
  run: string,
  data: string | undefined,
  { root, checkpoint, allowLeaks, nearDuplicates, protocol, logitAdjustment, device }: Omit<Options, 'json'>,
  show: EvaluationProgress,
): Promise<RunCalibration> {
  const { calibrateRun } = await import('../../evaluation/calibrate.js');
  const leaks = { allowLeaks: allowLeaks === true || protocol === 'report', nearDuplicates: nearDuplicates !== false };
  return await calibrateRun(run, data, {
    ...{ ...leaks, checkpoint },
    ...(root !== undefined && { root }),
    ...(device !== undefined && { device }),
    ...(logitAdjustment !== undefined && { logitAdjustment }),
  }, show);
}

async function measured(
  model: string,
  data: string | undefined,
  { split, ...options }: Options,
  show: EvaluationProgress,
): Promise<Evaluation[]> {
  const { evaluateRun, evaluateSplits } = await import('../../evaluation/evaluate.js');
  if (split === 'all') return await evaluateSplits(model, data, options, show);
  return [await evaluateRun(model, data, { ...options, split }, show)];
}

/** Draws what was asked for; the plots of several splits into a folder for each. */
async function draw(
  evaluations: readonly Evaluation[],
  isOne: boolean,
  plots: string | undefined,
  mistakes: string | undefined,
): Promise<string[]> {
  const written: string[] = [];
  if (plots !== undefined) {
    const { plotEvaluation } = await import('../../evaluation/evaluation-plots.node.js');
    for (const evaluation of evaluations) {
      written.push(...(await plotEvaluation(evaluation, isOne ? plots : join(plots, evaluation.split))));
    }
  }
  const worst = evaluations[0]?.worstMistakes ?? [];
  if (mistakes !== undefined && worst.length === 0) console.error(`${mistakes}: not drawn, since there are no mistakes`);
  else if (mistakes !== undefined) {
    const { drawMistakes } = await import('../../evaluation/mistake-sheet.node.js');
    await drawMistakes(worst, mistakes);
    written.push(mistakes);
  }
  return written;
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** A bar for each thing that is done with some pictures, one after the other. */
function evaluationProgress(): { show: EvaluationProgress; close: () => void } {
  let bar: PictureProgress | undefined;
  const close = (): void => {
    bar?.close();
    bar = undefined;
  };
  const show: EvaluationProgress = (done, total, verb) => {
    bar ??= pictureProgress(process.stderr, verb);
    bar.show(done, total);
    if (done === total) close();
  };
  return { show, close };
}
