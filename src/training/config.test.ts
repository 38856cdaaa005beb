import { describe, expect, it } from 'vitest';
import { ConfigError } from '../base/errors.js';
import { REPORT_AUGMENTATION } from '../images/augment.js';
import { augmentationOf, DEFAULT_CONFIG, optimiserOf, parseConfig, requireEffect, scheduleOf } from './config.js';

const configOf = (settings: Record<string, unknown> = {}) => parseConfig({ data: 'faces', ...settings });

describe('the defaults', () => {
  it("are the report's", () => {
    expect(configOf()).toEqual({ data: 'faces', ...DEFAULT_CONFIG });
    expect(DEFAULT_CONFIG).toEqual({
      ...{ model: 'baseline', imageSize: 227, alignmentMargin: 0, batchSize: 50, epochs: 40 },
      ...{ optimiser: 'sgd', learningRate: 0.001, momentum: 0, nesterov: false, weightDecay: 0 },
      ...{ schedule: 'time', decay: 1e-5, stepSize: 10, stepFactor: 0.1, warmup: 0 },
      ...{ target: 'bands', ageSpread: 2, averageDecay: 0 },
      ...{ labelSmoothing: 0, classWeights: 'none', checkpointEvery: 3 },
      ...{ augment: true, widthShift: 0.2, heightShift: 0.2, shear: 0.2, zoom: 0.2, horizontalFlip: true, rotation: 0 },
      ...{ brightness: 0, contrast: 0, saturation: 0, hue: 0, greyscale: 0 },
      ...{ blur: 0, downscale: 0, noise: 0, jpeg: 0, erase: 0 },
      ...{ seed: 1, train: 0.6, valid: 0.2, test: 0.2, device: 'cpu', workers: 1 },
    });
  });

  it("make the report's optimiser, schedule and augmentation", () => {
    const config = configOf();
    expect(optimiserOf(config).slots).toEqual([]);
    expect(scheduleOf(config, 100)(1000)).toBeCloseTo(0.001 / 1.01, 12);
    expect(augmentationOf(config)).toEqual(REPORT_AUGMENTATION);
  });
});

describe('parseConfig', () => {
  it('keeps what is given', () => {
    const given = { clipNorm: 1, earlyStopping: 5, limit: 100, threads: 2, classes: ['a', 'b'], from: 'runs/a', root: 'p' };
    expect(configOf(given)).toMatchObject(given);
  });

  it.each([
    [{ epochs: 0 }, /^epochs: .*, got 0$/],
    [{ epochs: 2.5 }, /^epochs: .*, got 2\.5$/],
    [{ batchSize: -1 }, /^batchSize: .*, got -1$/],
    [{ imageSize: '64' }, /^imageSize: .*, got "64"$/],
    [{ learningRate: 0 }, /^learningRate: .*, got 0$/],
    [{ learningRate: Number.POSITIVE_INFINITY }, /^learningRate: /],
    [{ optimiser: 'adam' }, /^optimiser: must be one of sgd, adamw, got "adam"$/],
    [{ momentum: 1.5 }, /^momentum: .*, got 1\.5$/],
    [{ labelSmoothing: -0.1 }, /^labelSmoothing: .*, got -0\.1$/],
    [{ brightness: 1.5 }, /^brightness: .*, got 1\.5$/],
    [{ downscale: 0.5 }, /^downscale: must be 0 or at least 1, got 0\.5$/],
    [{ jpeg: 50.5 }, /^jpeg: .*, got 50\.5$/],
    [{ jpeg: 96 }, /^jpeg: .*, got 96$/],
    [{ seed: 2 ** 32 }, /^seed: .*, got 4294967296$/],
    [{ classes: ['a'] }, /^classes: .*, got \["a"\]$/],
    [{ classes: ['a', ''] }, /^classes\.1: .*, got \["a",""\]$/],
    [{ classes: ['a', 'a'] }, /^classes: a name stands there twice, got \["a","a"\]$/],
    [{ bands: '0-12,12-20' }, /^bands: 0-12 and 12-20 overlap, got "0-12,12-20"$/],
    [{ bands: 'a,b' }, /^bands: "a" is no age band .*, got "a,b"$/],
    [{ freeze: 'conv1,' }, /^freeze: must be layers .*, got "conv1,"$/],
    [{ freeze: 'conv.1' }, /^freeze: .*, got "conv\.1"$/],
    [{ rates: 'head' }, /^rates: must be layers with factors .*, got "head"$/],
    [{ rates: 'head=0' }, /^rates: .*, got "head=0"$/],
    [{ rates: 'head=1=2' }, /^rates: .*, got "head=1=2"$/],
    [{ unfreezeAt: 1 }, /^unfreezeAt: must be at least 2, got 1$/],
    [{ unfreezeFactor: 0 }, /^unfreezeFactor: must be above 0, got 0$/],
    [{ data: '' }, /^data: .*, got ""$/],
    [{ data: undefined }, /^data: /],
  ])('names the option and the value of %j', (settings, message) => {
    expect(() => configOf(settings)).toThrow(ConfigError);
    expect(() => configOf(settings)).toThrow(message);
  });

  it('names every fault', () => {
    expect(() => configOf({ epochs: 0, shear: -1 })).toThrow(/^epochs: .*, got 0; shear: .*, got -1$/);
  });

  it('refuses options that do not exist', () => {
    expect(() => configOf({ learning_rate: 0.1 })).toThrow(ConfigError);
    expect(() => configOf({ learning_rate: 0.1 })).toThrow(/learning_rate/);
  });

  it.each([[null], [undefined], ['text'], [[]], [7]])('refuses %j', (settings) => {
    expect(() => parseConfig(settings)).toThrow(ConfigError);
  });
});

describe('optimiserOf', () => {
  it('knows sgd with momentum and adamw', () => {
    expect(optimiserOf(configOf({ momentum: 0.9 })).slots).toEqual(['momentum']);
    expect(optimiserOf(configOf({ optimiser: 'adamw' })).slots).toEqual(['mean', 'variance']);
  });
});

describe('scheduleOf', () => {
  const ratesOf = (settings: Record<string, unknown>, steps: readonly number[]): number[] => {
    const schedule = scheduleOf(configOf({ learningRate: 0.8, epochs: 4, ...settings }), 5);
    return steps.map((step) => Number(schedule(step).toFixed(9)));
  };

  it('constant stays', () => {
    expect(ratesOf({ schedule: 'constant' }, [0, 19])).toEqual([0.8, 0.8]);
  });

  it('time divides by 1 + decay · steps', () => {
    expect(ratesOf({ decay: 0.5 }, [0, 2, 6])).toEqual([0.8, 0.4, 0.2]);
  });

  it('cosine ends with the last epoch', () => {
    expect(ratesOf({ schedule: 'cosine' }, [0, 10, 20])).toEqual([0.8, 0.4, 0]);
  });

  it('step drops after epochs', () => {
    expect(ratesOf({ schedule: 'step', stepSize: 2, stepFactor: 0.5 }, [0, 9, 10, 19])).toEqual([0.8, 0.8, 0.4, 0.4]);
  });

  it('warm-up comes first, and a cosine has what is left', () => {
    const rates = ratesOf({ schedule: 'cosine', warmup: 4 }, [0, 3, 4, 12, 20]);
    expect(rates).toEqual([0.2, 0.8, 0.8, 0.4, 0]);
  });

  it('falls by a factor when layers are unfrozen', () => {
    const settings = { schedule: 'cosine', unfreezeAt: 3, unfreezeFactor: 0.1 };
    expect(ratesOf({ ...settings, freeze: 'backbone' }, [0, 9, 10, 20])).toEqual([0.8, ...ratesOf({ schedule: 'cosine' }, [9]), 0.04, 0]);
    expect(ratesOf({ ...settings, freeze: 'none' }, [10])).toEqual([0.4]);
  });

  it('a warm-up as long as the training leaves a cosine a step', () => {
    expect(ratesOf({ schedule: 'cosine', warmup: 20 }, [0, 19])).toEqual([0.04, 0.8]);
  });
});

describe('augmentationOf', () => {
  it('takes the ranges that are given', () => {
    const ranges = {
      ...{ widthShift: 0.1, heightShift: 0, shear: 5, zoom: 0.3, horizontalFlip: false, rotation: 10 },
      ...{ brightness: 0.2, contrast: 0.3, saturation: 0.4, hue: 15, greyscale: 0.1 },
      ...{ blur: 1.5, downscale: 3, noise: 0.05, jpeg: 40, erase: 0.25 },
    };
    expect(augmentationOf(configOf(ranges))).toEqual({ ...ranges, fill: 'nearest' });
  });

  it('is nothing when pictures are to be taken as they are', () => {
    expect(augmentationOf(configOf({ augment: false }))).toBeUndefined();
  });
});

describe('requireEffect', () => {
  const check = (given: Record<string, unknown>, inherited = {}) => requireEffect(given, configOf({ ...inherited, ...given }));

  it.each([
    [{ momentum: 0.9, optimiser: 'adamw' }, 'momentum: counts with the optimiser sgd alone, got 0.9'],
    [{ nesterov: true }, 'nesterov: counts with a momentum above 0 alone, got true'],
    [{ weightDecay: 0.01 }, 'weightDecay: counts with the optimiser adamw alone, got 0.01'],
    [{ decay: 1e-3, schedule: 'cosine' }, 'decay: counts with the schedule time alone, got 0.001'],
    [{ stepSize: 5 }, 'stepSize: counts with the schedule step alone, got 5'],
    [{ unfreezeAt: 3 }, 'unfreezeAt: counts with layers to freeze alone, got 3'],
    [{ freeze: 'none', unfreezeAt: 3 }, 'unfreezeAt: counts with layers to freeze alone, got 3'],
    [{ freeze: 'backbone', unfreezeAt: 41 }, 'unfreezeAt: counts with at least as many epochs alone, got 41'],
    [{ freeze: 'backbone', unfreezeFactor: 0.1 }, 'unfreezeFactor: counts with an epoch to unfreeze at alone, got 0.1'],
    [{ featureCache: false }, 'featureCache: counts with layers to freeze alone, got false'],
    [{ augment: false, zoom: 0.1 }, 'zoom: counts with augmentation alone, got 0.1'],
    [{ augment: false, blur: 1 }, 'blur: counts with augmentation alone, got 1'],
  ])('refuses %j', (given, message) => {
    expect(() => check(given)).toThrow(ConfigError);
    expect(() => check(given)).toThrow(message);
  });

  it('takes what has an effect, what is the default, and what another run has left', () => {
    check({ momentum: 0.9, nesterov: true });
    check({ optimiser: 'adamw', momentum: 0 });
    check({ schedule: 'step', stepSize: 5, stepFactor: 0.5 });
    check({ optimiser: 'adamw' }, { momentum: 0.9, nesterov: true });
    expect(() => check({ momentum: 0.9 }, { optimiser: 'adamw' })).toThrow(/momentum/);
  });
});
