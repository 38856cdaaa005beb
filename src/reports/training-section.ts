import { rateText, withCommas } from '../base/counts.js';
import { historySpec, renderSvg } from '../evaluation/plots.js';
import type { TrainConfig } from '../training/config.js';
import type { EpochRecord } from '../training/history.js';
import { bestEpoch, unfrozenEpoch } from '../training/history.js';
import type { Plot, Section, Table } from './document.js';
import { table, text } from './document.js';
import { duration, percent } from './format.js';

/** How the training went: its curves and how long it took. */
export async function trainingSection(history: readonly EpochRecord[], { epochs, augment }: TrainConfig): Promise<Section> {
  const best = bestEpoch(history);
  if (best === undefined) return { title: 'Training', blocks: [text('No epoch is over yet.')] };
  const seconds = history.reduce((sum, record) => sum + record.seconds, 0);
  const rate = history.reduce((sum, record) => sum + record.images_per_second * record.seconds, 0) / seconds;
  const chosenBy = best.val_loss === null ? 'training loss, for there are no validation pictures' : 'validation loss';
  return {
    title: 'Training',
    blocks: [
      text(
        `${history.length} of ${epochs} epochs in ${duration(seconds)}, ${rateText(rate)} pictures per second. ` +
          `The weights are those after epoch ${best.epoch}, which has the lowest ${chosenBy}. ` +
          frozenText(history) +
          `The training curves are taken while the weights change${augment ? ', on pictures that are varied at random' : ''}.`,
      ),
      { kind: 'plots', plots: await curvePlots(history) },
    ],
  };
}

/** How long which part of the weights was frozen, if any was. */
function frozenText(history: readonly EpochRecord[]): string {
  const trained = history[0]?.trainable_parameters;
  if (trained === undefined) return '';
  const unfrozen = unfrozenEpoch(history);
  const until = unfrozen === undefined ? '' : ` until epoch ${unfrozen.epoch - 1}, and ${withCommas(unfrozen.trainable_parameters!)} from then on`;
  return `With layers frozen, ${withCommas(trained)} parameters were trained${until}. `;
}

/** Accuracy and loss, each as a plot of its own, so that they find a place beside or below each other. */
async function curvePlots(history: readonly EpochRecord[]): Promise<Plot[]> {
  const spec = historySpec(history);
  if (!('hconcat' in spec)) throw new TypeError('the curves are not side by side');
  const [accuracy, loss] = await Promise.all(spec.hconcat.map((part) => renderSvg({ ...spec, hconcat: [part] })));
  const describe = (what: string, of: (record: EpochRecord) => readonly [number, number | null], write: (value: number) => string): string => {
    const [first, last] = [of(history[0]!), of(history.at(-1)!)];
    const course = (from: number | null, to: number | null): string =>
      from === null || to === null ? '' : `from ${write(from)} to ${write(to)}`;
    const validation = course(first[1], last[1]);
    return `${what} by epoch: training ${course(first[0], last[0])}${validation === '' ? '' : `, validation ${validation}`}.`;
  };
  return [
    {
      ...{ name: 'accuracy', svg: accuracy! },
      description: describe('Accuracy', (record) => [record.accuracy, record.val_accuracy], percent),
      tables: [curveTable(history)],
    },
    { name: 'loss', svg: loss!, description: describe('Loss', (record) => [record.loss, record.val_loss], (value) => value.toFixed(3)) },
  ];
}

function curveTable(history: readonly EpochRecord[]): Table {
  return table(
    'Every epoch',
    ['Epoch', 'Loss', 'Accuracy', 'Validation loss', 'Validation accuracy', 'Learning rate', 'Time'],
    history.map((record) => [
      ...[String(record.epoch), record.loss.toFixed(4), percent(record.accuracy)],
      ...[record.val_loss?.toFixed(4) ?? '–', percent(record.val_accuracy)],
      ...[record.learning_rate.toPrecision(3), duration(record.seconds)],
    ]),
  );
}
