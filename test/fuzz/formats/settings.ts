/** What users write or a queue hands over: configurations, sweeps, tasks. */
import * as fc from 'fast-check';
import { readConfigFile } from '../../../src/cli/config-file.js';
import { networkOf, parseConfig } from '../../../src/training/config.js';
import { chooseLayers } from '../../../src/training/layer-choice.js';
import { parameterSpecs } from '../../../src/nn/network.js';
import { readSweep } from '../../../src/jobs/sweep/read-sweep.js';
import { parseTask, idOf } from '../../../src/jobs/queue/task.js';
import type { Family } from '../format.js';
import { mutatedText } from '../mutations.js';
import { mutatedJson } from '../values.js';

const CONFIGS = [
  { data: 'faces', model: 'baseline', imageSize: 64, epochs: 3, batchSize: 8, optimiser: 'adamw', weightDecay: 0.01, seed: 3 },
  { epochs: 2, schedule: 'step', stepSize: 1, stepFactor: 0.5, augment: true, rotation: 10, classes: ['a', 'b'], threads: 2, limit: 100 },
  {
    imageSize: 16,
    network: [
      { kind: 'Conv2D', name: 'c', filters: 4, kernel: [3, 3], stride: [2, 2], dilation: [1, 1], padding: 'same', bias: true, activation: 'relu' },
      { kind: 'GlobalAveragePooling2D', name: 'g' },
      { kind: 'Dense', name: 'd', units: 2, bias: true, activation: 'linear' },
    ],
    classes: ['a', 'b'],
  },
];

const SWEEPS = [
  'data: faces\nmethod: random\ntrials: 8 # few\nseed: 3\nfixed:\n  imageSize: 48\n  epochs: 2\nparameters:\n  learningRate: { distribution: log-uniform, min: 0.001, max: 0.1 }\n  batchSize: [8, 16]\n',
  'data: faces\nmethod: grid\nmetric: accuracy\nparameters:\n  optimiser: [sgd, adamw]\n  learningRate: [0.1, 0.01]\nparallel: 2\nmemory: 8GB\n',
  'data: &d faces\nroot: *d\nmethod: asha\ntrials: 9\nasha:\n  minEpochs: 1\n  maxEpochs: 9\nparameters:\n  warmup: { distribution: integer, min: 0, max: 9 }\n  momentum:\n    - 0.5\n    - 0.9\n',
];

/** Each name stands for ten times what the one before does. */
const ALIASES = `data: faces\nmethod: grid\nfixed:\n${Array.from({ length: 9 }, (_, level) => {
  const item = level === 0 ? '1' : `*a${level - 1}`;
  return `  x${level}: &a${level} [${Array.from({ length: 10 }, () => item).join(', ')}]\n`;
}).join('')}parameters:\n  batchSize: [8]\n`;

const SWEEP_VALUES = [
  { data: 'faces', method: 'random', trials: 8, fixed: { epochs: 2 }, parameters: { learningRate: { distribution: 'log-uniform', min: 0.001, max: 0.1 }, batchSize: [8, 16] } },
  { data: 'faces', method: 'grid', parameters: { batchSize: [8, 16], epochs: [1, 2], warmup: [1, 2], seed: [1, 2] }, threads: 1, memory: '2GB' },
  { data: 'faces', method: 'asha', trials: 9, asha: { minEpochs: 1, maxEpochs: 9, reductionFactor: 3 }, parameters: { warmup: { distribution: 'integer', min: 0, max: 9 } } },
];

const LOOKS = { size: 64, template: 'outer-eyes-and-nose', margin: 0, format: 'jpeg', quality: 95, allFaces: false, minSize: 0, noFace: 'keep' };
const TASKS = [
  { kind: 'crop', format: 1, settings: LOOKS, folders: { root: '/data', out: '/out' }, items: [{ file: 'a/b.jpg', stem: 'a/b' }] },
  { kind: 'predict', settings: { model: 'a'.repeat(64) }, folders: { root: '/data', out: '/out' }, items: [{ file: 'a.jpg' }, { file: 'b.jpg' }] },
];

export const openSettings = (): Promise<Family> =>
  Promise.resolve({
    formats: [
      {
        name: 'configuration',
        cases: fc.oneof(mutatedJson(CONFIGS), mutatedText(CONFIGS.map((config) => JSON.stringify(config)))),
        read: async (_, file) => {
          const config = parseConfig({ data: '.', ...(await readConfigFile(file)) });
          const classes = config.classes ?? ['a', 'b'];
          chooseLayers(config, classes);
          parameterSpecs(networkOf(config), { imageSize: config.imageSize, classes: classes.length });
        },
      },
      {
        name: 'sweep',
        file: 'sweep.yaml',
        // JSON is YAML.
        cases: fc.oneof(mutatedText([...SWEEPS, ALIASES]), mutatedJson(SWEEP_VALUES)),
        read: (_, file) => readSweep(file),
      },
      {
        name: 'queue-task',
        cases: mutatedJson(TASKS),
        read: (bytes) => {
          const text = Buffer.from(bytes).toString();
          idOf(parseTask(text === '' ? undefined : JSON.parse(text)));
        },
      },
    ],
  });
