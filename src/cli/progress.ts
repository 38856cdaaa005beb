import { SingleBar } from 'cli-progress';
import { rateText } from '../base/counts.js';
import type { TrainingEnd, TrainingEvent, TrainingListener } from '../training/events.js';
import type { EpochRecord } from '../training/history.js';
import { firstProblems } from './problems.js';
import { counted, styled, withCommas, type Output } from './style.js';

const EPOCH_BAR = '{bar} {value}/{total} - loss: {loss} - accuracy: {accuracy} - {rate} images/s - ETA {left}';
export const MEGABYTE_BAR = '{bar} {value}/{total} MB {done} - {rate} MB/s - ETA {left}';
export const PICTURE_BAR = '{bar} {value}/{total} pictures {done} - {rate}/s - ETA {left}';

/** Shows what a training run tells. */
export interface TrainingView {
  show: TrainingListener;
  /** Leaves the terminal in order, however the run ended. */
  close: () => void;
}

/** The view for people: lines in the form that readers of Keras know and, on a terminal, a bar that moves. */
export function trainingView(output: Output): TrainingView {
  const bar = output.isTTY === true ? new Bar(output) : undefined;
  const print = (line: string): void => {
    bar?.clear();
    output.write(`${line}\n`);
  };
  let epochShown = 0;
  let weights: { verb: string; figures: PictureFigures } | undefined;
  let loading: PictureFigures | undefined;
  let extracting: PictureFigures | undefined;
  let validating: PictureFigures | undefined;
  const showEpoch = (epoch: number, epochs: number): void => {
    if (epoch === epochShown) return;
    epochShown = epoch;
    print(styled('bold', `Epoch ${epoch}/${epochs}`, output));
  };

  const show = (event: TrainingEvent): void => {
    switch (event.kind) {
      case 'weights':
        if (weights?.verb !== event.verb) {
          bar?.clear();
          weights = { verb: event.verb, figures: pictureFigures(event.verb) };
        }
        bar?.show(MEGABYTE_BAR, megabytes(event.done), megabytes(event.total), weights.figures(event.done / 1e6, event.total / 1e6));
        break;
      case 'loading':
        loading ??= pictureFigures('read');
        bar?.show(PICTURE_BAR, event.done, event.total, loading(event.done, event.total));
        break;
      case 'start':
        for (const line of startLines(event)) print(line);
        break;
      case 'features':
        extracting ??= pictureFigures('through the frozen layers');
        bar?.show(PICTURE_BAR, event.done, event.total, extracting(event.done, event.total));
        break;
      case 'step':
        showEpoch(event.epoch, event.epochs);
        bar?.show(EPOCH_BAR, event.step, event.steps, {
          loss: event.loss.toFixed(4),
          accuracy: event.accuracy.toFixed(4),
          rate: rateText(event.imagesPerSecond),
          left: clock(event.secondsLeft),
        });
        break;
      case 'validation':
        validating ??= pictureFigures('validated');
        bar?.show(PICTURE_BAR, event.done, event.total, validating(event.done, event.total));
        break;
      case 'epoch':
        validating = undefined;
        showEpoch(event.record.epoch, event.epochs);
        print(epochLine(event.record, event.steps));
        break;
      case 'checkpoint':
        if (event.reason === 'stop') print(`Checkpoint written: ${event.file}`);
        break;
      case 'end':
        print(endLine(event));
        break;
    }
  };
  return { show, close: () => bar?.clear() };
}

/** The view for programs: every event as one line of JSON. */
export function jsonTrainingView(output: Output): TrainingView {
  return { show: (event) => void output.write(`${JSON.stringify(event)}\n`), close: () => undefined };
}

/** Shows how many pictures or bytes are done. */
export interface PictureProgress {
  show: (done: number, total: number) => void;
  close: () => void;
}

/** Milliseconds of silence that need no word. */
const SILENCE = 2000;

/**
 * A bar with rate and ETA for work that is counted in pictures, on terminals only.
 * @param verb what has been done to the pictures that are done, such as `read`
 * @param before what is said when it takes long before the first is done, because it is not known how many there are
 */
export function pictureProgress(output: Output, verb = 'read', before?: string): PictureProgress {
  const bar = output.isTTY === true ? new Bar(output) : undefined;
  const figures = pictureFigures(verb);
  const silence = bar && before !== undefined ? setTimeout(() => output.write(`${before}\n`), SILENCE).unref() : undefined;
  return {
    show: (done, total) => {
      clearTimeout(silence);
      bar?.show(PICTURE_BAR, done, total, figures(done, total));
    },
    close: () => {
      clearTimeout(silence);
      bar?.clear();
    },
  };
}

/** For jobs: folders, lists of S3 and the journal of a job that goes on may be long. */
export const LOOKING_THROUGH_SOURCE = 'Looking through the source and what is done of it';

export function megabytes(bytes: number): number {
  return Math.round(bytes / 1e5) / 10;
}

export type StageProgress = { show: (done: number, total: number, verb: string) => void; close: () => void };

/** As {@link pictureProgress}, for work in several stages, each with a verb of its own. */
export function pictureStages(output: Output): StageProgress {
  return stagesOf((verb) => pictureProgress(output, verb));
}

/** As {@link pictureStages}, for work that is counted in bytes. */
export function byteStages(output: Output): StageProgress {
  return stagesOf((verb) => {
    const bar = output.isTTY === true ? new Bar(output) : undefined;
    const figures = pictureFigures(verb);
    return {
      show: (done, total) => bar?.show(MEGABYTE_BAR, megabytes(done), megabytes(total), figures(done / 1e6, total / 1e6)),
      close: () => bar?.clear(),
    };
  });
}

function stagesOf(open: (verb: string) => PictureProgress): StageProgress {
  const stages = new Map<string, PictureProgress>();
  let current: PictureProgress | undefined;
  return {
    show: (done, total, verb) => {
      const stage = stages.get(verb) ?? open(verb);
      stages.set(verb, stage);
      if (stage !== current) current?.close();
      current = stage;
      stage.show(done, total);
    },
    close: () => current?.close(),
  };
}

export type PictureFigures = (done: number, total: number) => Record<string, string>;

/** The figures of {@link PICTURE_BAR}. The rate is that since the first call, so that resumed work does not inflate it. */
export function pictureFigures(verb: string): PictureFigures {
  let first: { time: number; done: number } | undefined;
  return (done, total) => {
    const time = performance.now();
    first ??= { time, done };
    const rate = (1000 * (done - first.done)) / (time - first.time);
    const known = rate > 0 && Number.isFinite(rate);
    return { done: verb, rate: known ? rateText(rate) : '-', left: known ? clock((total - done) / rate) : '-' };
  };
}

/** Seconds that are left when so much of all is done; undefined while nothing is known. */
export type SecondsLeft = (done: number, total: number) => number | undefined;

/** By the pace since now, so that what was done before does not count. */
export function secondsLeftOf(doneBefore: number): SecondsLeft {
  const start = performance.now();
  return (done, total) => {
    const seconds = (performance.now() - start) / 1000;
    return done > doneBefore ? ((total - done) * seconds) / (done - doneBefore) : undefined;
  };
}

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** One bar at the foot of the terminal; another format takes the place of the one before. */
export class Bar {
  readonly #output: Output;
  #bar: SingleBar | undefined;
  #format = '';

  constructor(output: Output) {
    this.#output = output;
  }

  show(format: string, value: number, total: number, figures: Record<string, string> = {}): void {
    if (this.#bar === undefined || this.#format !== format) {
      this.clear();
      this.#format = format;
      this.#bar = new SingleBar({
        format,
        stream: this.#output,
        barsize: 30,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        clearOnComplete: true,
      });
      this.#bar.start(total, value, figures);
      for (const signal of ENDING_SIGNALS) process.on(signal, this.#onEnd);
    }
    this.#bar.update(value, figures);
  }

  clear(): void {
    if (this.#bar === undefined) return;
    this.#bar.stop();
    this.#bar = undefined;
    for (const signal of ENDING_SIGNALS) process.off(signal, this.#onEnd);
  }

  /** Below a bar the terminal does not break lines, which would outlast the process. The signal then does what it would have done. */
  readonly #onEnd = (signal: NodeJS.Signals): void => {
    this.clear();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
}

function startLines(event: Extract<TrainingEvent, { kind: 'start' }>): string[] {
  const { device, parameters, trainable, trainImages, validImages, stepsPerEpoch, resumedAt, problems, notes = [] } = event;
  const trained = trainable === undefined ? '' : ` (${withCommas(trainable)} trainable)`;
  const lines = [
    `${withCommas(parameters)} parameters${trained}, ${counted(trainImages, 'picture')} to train on, ` +
      `${withCommas(validImages)} to validate, ${counted(stepsPerEpoch, 'step')} per epoch`,
  ];
  if (device !== 'cpu') lines.push(`Computed on ${device}`);
  lines.push(...notes);
  if (resumedAt !== undefined) lines.push(resumedLine(resumedAt, event.epochs));
  if (problems.length > 0) {
    lines.push(`${counted(problems.length, 'problem')} in the data set, listed in problems.csv of the run:`);
    lines.push(...firstProblems(problems).map((line) => `  ${line}`));
  }
  return lines;
}

function resumedLine({ epoch, step }: { epoch: number; step: number }, epochs: number): string {
  if (epoch > epochs) return 'All epochs are done';
  return step === 0 ? `Going on with epoch ${epoch}` : `Going on in epoch ${epoch} after step ${step}`;
}

/** The line that Keras prints at the end of an epoch. */
export function epochLine(record: EpochRecord, steps: number): string {
  const { seconds, loss, accuracy, val_loss, val_accuracy } = record;
  const figures = [
    `${steps}/${steps}`,
    `${Math.round(seconds)}s ${Math.round((1000 * seconds) / steps)}ms/step`,
    `loss: ${loss.toFixed(4)}`,
    `accuracy: ${accuracy.toFixed(4)}`,
  ];
  if (val_loss !== null) figures.push(`val_loss: ${val_loss.toFixed(4)}`);
  if (val_accuracy !== null) figures.push(`val_accuracy: ${val_accuracy.toFixed(4)}`);
  return figures.join(' - ');
}

const ENDS: Record<TrainingEnd, string> = {
  finished: 'Finished',
  'early-stopping': 'Stopped early',
  paused: 'Paused',
  interrupted: 'Interrupted',
};

function endLine({ reason, run, best }: Extract<TrainingEvent, { kind: 'end' }>): string {
  const ended = ENDS[reason];
  if (best === undefined) return `${ended}: ${run}`;
  const score = best.val_accuracy === null ? '' : `, val_accuracy ${best.val_accuracy.toFixed(4)}`;
  return `${ended}: ${run}, best epoch ${best.epoch}${score}`;
}

/** Seconds as `m:ss` or `h:mm:ss`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}
