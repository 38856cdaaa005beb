/** What a run takes over from the one, or the file of weights, that it starts from. */
import { download, isAddress } from '../base/download.node.js';
import { ConfigError, FileError } from '../base/errors.js';
import { readFileIfPresent } from '../base/files.node.js';
import type { TakenWeights } from '../formats/pretrained/offers.js';
import { readPretrained } from '../formats/pretrained/read.node.js';
import { layerOfParameter } from '../nn/network.js';
import { checkFits, loadCheckpoint, parametersOf } from './checkpoint.js';
import type { TrainConfig } from './config.js';
import { networkOf, parseConfig } from './config.js';
import type { TrainingEngine } from './engine.js';
import type { TrainingListener } from './events.js';
import { openRun, readConfig } from './run-folder.js';

export interface StartingPoint {
  /** Steps that the optimiser has taken before; 0 when it starts afresh. */
  readonly step: number;
  /** What the user should know. */
  readonly notes: readonly string[];
}

/** How the reading is followed and stopped. */
export interface ReadingControl {
  readonly listen: TrainingListener;
  readonly signal: AbortSignal;
}

/**
 * Loads what a new run starts from, if the settings name something.
 * @throws {ConfigError} {FileError} {FormatError} when there is no such run or file, or it does not fit
 */
export async function startingPoint(
  config: TrainConfig,
  engine: TrainingEngine,
  classes: readonly string[],
  control: ReadingControl,
): Promise<StartingPoint> {
  const { from, weights } = config;
  if (from !== undefined && weights !== undefined) {
    throw new ConfigError(`weights: the run starts from ${from} already, got ${weights}`, { hint: 'Leave one of both out.' });
  }
  if (from !== undefined) return await takeWeights(from, engine, config, classes);
  if (weights === undefined) return { step: 0, notes: [] };
  const taker = { network: networkOf(config), imageSize: config.imageSize, classes: classes.length };
  const taken = await readPretrained(await bytesOf(weights, control), weights, taker, told(control, 'read'));
  await engine.load(taken.tensors);
  return { step: 0, notes: [summaryOf(taken), ...taken.notes] };
}

function summaryOf({ taken, anew }: TakenWeights): string {
  if (anew.length === 0) return 'All weights are taken over.';
  return `The weights of ${taken.length} layers are taken over, from ${taken[0]!} to ${taken.at(-1)!}; anew start ${anew.join(', ')}.`;
}

/** The content of a file, or what stands at an address. */
async function bytesOf(source: string, control: ReadingControl): Promise<Uint8Array> {
  if (isAddress(source)) return await download(source, { signal: control.signal, onRead: told(control, 'fetched') });
  const bytes = await readFileIfPresent(source);
  if (bytes === undefined) throw new FileError(source, 'there is no such file of weights', { hint: 'Check the path.' });
  return bytes;
}

function told({ listen }: ReadingControl, verb: 'fetched' | 'read'): (done: number, total: number) => void {
  return (done, total) => listen({ kind: 'weights', done, total, verb });
}

/**
 * Loads the best weights of another run. From an imported one the state of the optimiser and its count of steps are taken over
 * too, where it is the same optimiser, as Keras goes on with a model that it has loaded: moments, their correction and a decay
 * by steps go on as if training had not stopped. From a run that was trained here it starts afresh.
 * Where other bands are asked for, all but the last layer is taken over.
 * @throws {ConfigError} {FormatError} when there is no such run, or its classes or weights do not fit
 */
async function takeWeights(
  from: string,
  engine: TrainingEngine,
  config: TrainConfig,
  classes: readonly string[],
): Promise<StartingPoint> {
  const run = await openRun(from);
  const base = parseConfig(await readConfig(run));
  const { classes: known = [] } = base;
  const file = run.checkpointFile('best');
  if (known.join() !== classes.join()) {
    if (config.bands !== undefined) return await takeAllButLast(file, engine, classes);
    throw new ConfigError(`${from}: its classes are ${known.join(', ')}, not ${classes.join(', ')}`, {
      hint: 'Weights can only be taken over from a run with the same classes in the same order. Other age bands are learnt with --bands.',
    });
  }
  const { tensors, state } = await loadCheckpoint(file);
  const parameters = parametersOf({ tensors });
  checkFits({ tensors: parameters }, engine.specs, file);
  await engine.load(parameters);
  if (base.imported !== true) return { step: 0, notes: [] };
  const slots = engine.stateSpecs.filter(({ name }) => !parameters.has(name));
  const missing = slots.find(({ name, shape }) => tensors.get(name)?.shape.join() !== shape.join());
  const hasState = tensors.size > parameters.size || state.step > 0;
  const obstacle = !hasState
    ? 'the imported file held no state of one'
    : base.optimiser !== config.optimiser
      ? `the imported state is that of ${base.optimiser}, not of ${config.optimiser}`
      : missing !== undefined
        ? `the imported state lacks ${missing.name}`
        : hasOwnCourse(config)
          ? 'its learning rate follows a course that begins now'
          : undefined;
  if (obstacle !== undefined) return { step: 0, notes: [`The optimiser starts afresh: ${obstacle}.`] };
  await engine.load(tensors);
  return { step: state.step, notes: [`The optimiser goes on with its imported state, after ${state.step} steps.`] };
}

/**
 * Loads the weights of a run with other bands. What tells the bands starts anew: the last layer with weights, unless that tells
 * single years.
 */
async function takeAllButLast(file: string, engine: TrainingEngine, classes: readonly string[]): Promise<StartingPoint> {
  const last = engine.years === undefined ? layerOfParameter(engine.specs.at(-1)!.name) : undefined;
  const isKept = (name: string): boolean => layerOfParameter(name) !== last;
  const parameters = new Map([...parametersOf(await loadCheckpoint(file))].filter(([name]) => isKept(name)));
  checkFits({ tensors: parameters }, engine.specs.filter(({ name }) => isKept(name)), file);
  await engine.load(parameters);
  return { step: 0, notes: last === undefined ? [] : [`Weights are taken over; anew starts ${last}, for the bands ${classes.join(', ')}.`] };
}

/** Whether the learning rate depends on the step in a way that is meant for this run alone. */
function hasOwnCourse({ schedule, warmup, unfreezeFactor = 1 }: TrainConfig): boolean {
  return schedule === 'cosine' || schedule === 'step' || warmup > 0 || unfreezeFactor !== 1;
}
