import type { CrossValidationEvent } from '../jobs/cross-validate/cross-validate.js';
import type { RunEvent } from '../jobs/runs/run-item.js';
import type { PictureFigures, SecondsLeft } from './progress.js';
import { Bar, clock, epochLine, MEGABYTE_BAR, megabytes, PICTURE_BAR, pictureFigures, secondsLeftOf } from './progress.js';
import { counted, styled, withCommas, type Output } from './style.js';

const FOLD_BAR =
  'fold {fold} epoch {epoch} {bar} {value}/{total} - loss: {loss} - accuracy: {accuracy} - ETA {left}, all folds {all}';

export interface CrossValidationView {
  show: (event: CrossValidationEvent) => void;
  /** Leaves the terminal in order, however it ended. */
  close: () => void;
}

/** The folds that begin and end and their epochs, a line each and, on a terminal, a bar with the time to the end of all. */
export function crossValidationView(output: Output): CrossValidationView {
  const bar = output.isTTY === true ? new Bar(output) : undefined;
  const print = (line: string): void => {
    bar?.clear();
    output.write(`${line}\n`);
  };
  const reading = pictureFigures('compared');
  const fetched = pictureFigures('fetched');
  let started: Extract<CrossValidationEvent, { kind: 'folds' }> | undefined;
  let secondsLeft: SecondsLeft | undefined;
  let done = 0;
  /** Epochs of the folds under way: of one on this machine, of several in a queue. */
  const underWay = new Map<number, number>();
  let working: { verb: string; figures: PictureFigures } | undefined;

  const showPictures = (verb: string, event: { done: number; total: number }): void => {
    if (working?.verb !== verb) working = { verb, figures: pictureFigures(verb) };
    bar?.show(PICTURE_BAR, event.done, event.total, working.figures(event.done, event.total));
  };

  const showRun = (fold: number, event: RunEvent): void => {
    const { folds, epochs } = started!;
    const of = `${fold}/${folds.length}`;
    switch (event.kind) {
      case 'start': {
        const { name, train, valid, test } = folds[fold - 1]!;
        const pictures = `${withCommas(train)} to train on, ${withCommas(valid)} to validate, ${withCommas(test)} to test`;
        const called = name === String(fold) ? '' : `, ${JSON.stringify(name)} in the manifest`;
        print(styled('bold', `Fold ${of}${called}: ${pictures}`, output));
        if (event.resumedAt !== undefined) print(`Going on with epoch ${Math.min(event.resumedAt.epoch, epochs)}`);
        break;
      }
      case 'step': {
        working = undefined;
        underWay.set(fold, event.epoch - 1 + event.step / event.steps);
        const epochsDone = done * epochs + [...underWay.values()].reduce((sum, each) => sum + each, 0);
        secondsLeft ??= secondsLeftOf(epochsDone);
        const all = secondsLeft(epochsDone, folds.length * epochs);
        bar?.show(FOLD_BAR, event.step, event.steps, {
          ...{ fold: of, epoch: `${event.epoch}/${epochs}`, loss: event.loss.toFixed(4), accuracy: event.accuracy.toFixed(4) },
          ...{ left: clock(event.secondsLeft), all: all === undefined ? '-' : clock(all) },
        });
        break;
      }
      case 'epoch':
        print(`Fold ${of} epoch ${event.record.epoch}/${epochs}: ${epochLine(event.record, event.steps)}`);
        break;
      case 'loading':
        showPictures('read', event);
        break;
      case 'validation':
        showPictures('validated', event);
        break;
      case 'evaluation':
        showPictures('read for the test', event);
        break;
      default:
    }
  };

  const show = (event: CrossValidationEvent): void => {
    switch (event.kind) {
      case 'reading':
        bar?.show(PICTURE_BAR, event.done, event.total, reading(event.done, event.total));
        break;
      case 'weights':
        bar?.show(MEGABYTE_BAR, megabytes(event.done), megabytes(event.total), fetched(event.done / 1e6, event.total / 1e6));
        break;
      case 'folds': {
        started = event;
        done = event.done;
        const before = done === 0 ? '' : `, ${withCommas(done)} of them done before`;
        print(`${counted(event.folds.length, 'fold')} of ${counted(event.epochs, 'epoch')}${before}`);
        break;
      }
      case 'run':
        showRun(event.fold, event.event);
        break;
      case 'result': {
        done += 1;
        underWay.delete(event.result.fold);
        const { fold, accuracy, oneOff, bestEpoch } = event.result;
        print(
          `Fold ${fold}/${started!.folds.length}: accuracy ${accuracy.toFixed(4)}, one-off accuracy ${oneOff.toFixed(4)} ` +
            `on the test, with the weights of epoch ${bestEpoch}`,
        );
        break;
      }
    }
  };
  return { show, close: () => bar?.clear() };
}
