import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { EpochRecord } from '../training/history.js';
import type { TrainingEvent } from '../training/events.js';
import { Bar, jsonTrainingView, PICTURE_BAR, pictureProgress, trainingView } from './progress.js';
import type { Output } from './style.js';

const record: EpochRecord = {
  epoch: 3,
  step: 840,
  loss: 1.73124,
  accuracy: 0.3521,
  val_loss: 1.6892,
  val_accuracy: 0.379,
  learning_rate: 0.001,
  seconds: 112,
  images_per_second: 125,
};
const EVENTS: TrainingEvent[] = [
  { kind: 'loading', done: 1, total: 2 },
  {
    kind: 'start',
    device: 'cpu',
    parameters: 51_980_936,
    trainImages: 14_000,
    validImages: 1700,
    epochs: 40,
    stepsPerEpoch: 280,
    resumedAt: { epoch: 3, step: 12 },
    problems: [{ file: 'list.csv', line: 7, reason: 'the age is empty' }],
  },
  {
    kind: 'step',
    epoch: 3,
    epochs: 40,
    step: 13,
    steps: 280,
    loss: 2,
    accuracy: 0.25,
    imagesPerSecond: 125.06,
    secondsLeft: 107.4,
  },
  { kind: 'validation', done: 16, total: 1700 },
  { kind: 'epoch', record, epochs: 40, steps: 280 },
  { kind: 'checkpoint', file: 'runs/x/checkpoints/epoch-003.safetensors', reason: 'epoch' },
  { kind: 'end', reason: 'finished', run: 'runs/x', best: record },
];

const START = EVENTS[1] as Extract<TrainingEvent, { kind: 'start' }>;

const LINES = [
  '51,980,936 parameters, 14,000 pictures to train on, 1,700 to validate, 280 steps per epoch',
  'Going on in epoch 3 after step 12',
  '1 problem in the data set, listed in problems.csv of the run:',
  '  list.csv:7: the age is empty',
  'Epoch 3/40',
  '280/280 - 112s 400ms/step - loss: 1.7312 - accuracy: 0.3521 - val_loss: 1.6892 - val_accuracy: 0.3790',
  'Finished: runs/x, best epoch 3, val_accuracy 0.3790',
];

function shown(events: readonly TrainingEvent[], isTTY: boolean): string {
  const output: Output = Object.assign(new PassThrough(), { isTTY, columns: 120 });
  const view = trainingView(output);
  for (const event of events) view.show(event);
  view.close();
  return String((output as PassThrough).read());
}

describe('trainingView', () => {
  it('prints lines like those of Keras where there is no terminal', () => {
    expect(shown(EVENTS, false)).toBe(`${LINES.join('\n')}\n`);
  });

  it('draws a bar on a terminal and leaves the same lines behind', () => {
    const text = shown(EVENTS, true);
    expect(text).toContain('13/280 - loss: 2.0000 - accuracy: 0.2500 - 125 images/s - ETA 1:47');
    expect(text).toContain('16/1700 pictures validated');
    for (const line of LINES) expect(text).toContain(`${line}\n`);
  });

  it('draws a bar of its own for each thing that is done with a file of weights', () => {
    const text = shown(
      [
        { kind: 'weights', done: 1e6, total: 553.5e6, verb: 'fetched' },
        { kind: 'weights', done: 1e6, total: 58.9e6, verb: 'read' },
      ],
      true,
    );
    expect(text).toContain('1/553.5 MB fetched');
    expect(text).toContain('1/58.9 MB read');
  });

  it.each([
    [{ epoch: 3, step: 0 }, 'Going on with epoch 3'],
    [{ epoch: 41, step: 0 }, 'All epochs are done'],
  ])('says where a run goes on: %o', (resumedAt, line) => {
    expect(shown([{ ...START, resumedAt }], false)).toContain(`\n${line}\n`);
  });

  it('leaves out validation figures that there are not', () => {
    const without = { ...record, val_loss: null, val_accuracy: null };
    expect(shown([{ kind: 'epoch', record: without, epochs: 40, steps: 280 }], false)).toBe(
      'Epoch 3/40\n280/280 - 112s 400ms/step - loss: 1.7312 - accuracy: 0.3521\n',
    );
  });

  it('says where the checkpoint of an interrupted run is', () => {
    const events: TrainingEvent[] = [
      { kind: 'checkpoint', file: 'runs/x/checkpoints/last.safetensors', reason: 'stop' },
      { kind: 'end', reason: 'interrupted', run: 'runs/x' },
    ];
    expect(shown(events, false)).toBe('Checkpoint written: runs/x/checkpoints/last.safetensors\nInterrupted: runs/x\n');
  });
});

it('prints every event as one line of JSON for programs', () => {
  const output = new PassThrough();
  const view = jsonTrainingView(output);
  for (const event of EVENTS) view.show(event);
  view.close();
  const lines = String(output.read()).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as TrainingEvent)).toEqual(EVENTS);
});

it('leaves a terminal that breaks lines again when a signal ends the process', () => {
  const output = Object.assign(new PassThrough(), { isTTY: true as const });
  const heard = (): void => undefined;
  const listeners = process.listenerCount('SIGTERM');
  process.on('SIGTERM', heard); // Otherwise the bar hands the signal on.
  new Bar(output).show(PICTURE_BAR, 1, 2);
  process.emit('SIGTERM', 'SIGTERM');
  process.off('SIGTERM', heard);
  const written = String(output.read());
  expect(written.lastIndexOf('\u001b[?7h')).toBeGreaterThan(written.lastIndexOf('\u001b[?7l'));
  expect(process.listenerCount('SIGTERM')).toBe(listeners);
});

it('says what is going on when it takes long before the first picture is done, on a terminal', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const said = (isTTY: boolean, act: (progress: ReturnType<typeof pictureProgress>) => void): string => {
    const output: Output = Object.assign(new PassThrough(), { isTTY });
    act(pictureProgress(output, 'cropped', 'Looking'));
    vi.advanceTimersByTime(2500);
    return String((output as PassThrough).read() ?? '');
  };
  expect(said(true, () => undefined)).toBe('Looking\n');
  expect(said(true, ({ close }) => close())).toBe('');
  expect(said(false, () => undefined)).toBe('');
});
