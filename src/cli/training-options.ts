import type { Command } from 'commander';
import { ALIGNMENT_TEMPLATES } from '../base/alignment.js';
import { modelNames } from '../models/registry.js';
import { configSchema, DEFAULT_CONFIG, type TrainConfig } from '../training/config.js';
import { choiceOption, deviceOption, numberOption, pathOption } from './options.js';

const OPTIMISERS = configSchema.shape.optimiser.unwrap().options;
const SCHEDULES = configSchema.shape.schedule.unwrap().options;
const TARGETS = configSchema.shape.target.unwrap().options;
const CLASS_WEIGHTS = configSchema.shape.classWeights.unwrap().options;

/** Adds the options that say which network is trained. */
export function addNetworkOptions(command: Command): Command {
  return command
    .addOption(choiceOption('--model <name>', 'network', modelNames(), DEFAULT_CONFIG.model))
    .addOption(numberOption('--image-size <pixels>', 'width and height of the input', DEFAULT_CONFIG.imageSize))
    .addOption(
      choiceOption('--alignment <template>', 'how the faces in the pictures were aligned, for those who use the model', ALIGNMENT_TEMPLATES),
    )
    .addOption(numberOption('--alignment-margin <fraction>', 'the margin of that alignment', DEFAULT_CONFIG.alignmentMargin));
}

/** Adds the options that say how data are divided that are not split yet. */
function addShareOptions(command: Command, standard: Partial<TrainConfig>): void {
  command
    .addOption(numberOption('--train <share>', 'share to train on, of data that is not split yet', standard.train))
    .addOption(numberOption('--valid <share>', 'share to validate on', standard.valid))
    .addOption(numberOption('--test <share>', 'share to keep for the test', standard.test));
}

/**
 * Adds the options that `train` and `fine-tune` share, and `cross-validate` but for the shares of the splits. Each is
 * named as its field of the configuration, so that what was given can be handed on as it is.
 * @param standard what holds without an option, for the help
 * @param addShares adds the options for these shares
 */
export function addTrainingOptions(
  command: Command,
  standard: Partial<TrainConfig>,
  addShares: (command: Command, standard: Partial<TrainConfig>) => void = addShareOptions,
): Command {
  command
    .optionsGroup('Data:')
    .addOption(pathOption('--root <folder>', 'folder that the file names of a CSV manifest start from (default: its own folder)'))
    .addOption(numberOption('--limit <count>', 'use only so many pictures, drawn evenly over bands and splits'))
    .option('--bands <list>', 'age bands to tell, such as 0-12,13-25,26-59,60+ (default: those of the data)');
  addShares(command, standard);
  command
    .addOption(numberOption('--seed <number>', 'seed of everything that is random', standard.seed));
  command
    .optionsGroup('Length:')
    .addOption(numberOption('--epochs <count>', 'passes over the training pictures', standard.epochs))
    .addOption(numberOption('--batch-size <count>', 'pictures per step', standard.batchSize))
    .addOption(numberOption('--early-stopping <epochs>', 'stop after so many epochs without a lower validation loss'))
    .addOption(
      numberOption('--checkpoint-every <epochs>', 'epochs between kept checkpoints', standard.checkpointEvery),
    );
  command
    .optionsGroup('Optimiser:')
    .addOption(choiceOption('--optimiser <name>', 'update rule', OPTIMISERS, standard.optimiser))
    .addOption(numberOption('--learning-rate <rate>', 'learning rate at the start', standard.learningRate))
    .addOption(numberOption('--momentum <factor>', 'momentum of sgd', standard.momentum))
    .option('--nesterov', 'Nesterov momentum, for sgd')
    .addOption(numberOption('--weight-decay <factor>', 'decoupled weight decay of adamw', standard.weightDecay))
    .addOption(
      numberOption('--average-decay <factor>', 'validate and export a running mean of the weights, such as 0.999', standard.averageDecay),
    )
    .addOption(numberOption('--clip-norm <norm>', 'scale gradients down to this global norm'));
  command
    .optionsGroup('Learning rate over time:')
    .addOption(choiceOption('--schedule <name>', 'course of the learning rate', SCHEDULES, standard.schedule))
    .addOption(numberOption('--decay <rate>', 'time: the rate is divided by 1 + decay × steps', standard.decay))
    .addOption(numberOption('--step-size <epochs>', 'step: epochs between drops', standard.stepSize))
    .addOption(numberOption('--step-factor <factor>', 'step: factor of each drop', standard.stepFactor))
    .addOption(numberOption('--warmup <steps>', 'steps in which the rate rises from zero', standard.warmup));
  command
    .optionsGroup('Transfer learning:')
    .option('--freeze <layers>', 'layers whose weights stay: backbone, head, names or globs such as conv*, or none')
    .addOption(numberOption('--unfreeze-at <epoch>', 'epoch from which on all layers are trained'))
    .addOption(numberOption('--unfreeze-factor <factor>', 'factor on the learning rate from that epoch on (default: 1)'))
    .option('--rates <list>', 'factors on the learning rate by layers, such as backbone=0.1,head=1')
    .option('--no-feature-cache', 'compute frozen layers at every step, although the pictures are always the same');
  command
    .optionsGroup('Loss:')
    .addOption(choiceOption('--target <name>', 'tell bands directly, or years, of which bands are sums', TARGETS, standard.target))
    .addOption(numberOption('--age-spread <years>', 'years: standard deviation of the distribution for an age', standard.ageSpread))
    .addOption(
      numberOption('--label-smoothing <share>', 'share of each label spread over all bands', standard.labelSmoothing),
    )
    .addOption(
      choiceOption('--class-weights <kind>', 'weights of the bands in the loss', CLASS_WEIGHTS, standard.classWeights),
    );
  command
    .optionsGroup('Augmentation of training pictures:')
    .option('--no-augment', 'take the pictures as they are')
    .addOption(numberOption('--width-shift <share>', 'greatest shift, as a share of the width', standard.widthShift))
    .addOption(numberOption('--height-shift <share>', 'greatest shift, as a share of the height', standard.heightShift))
    .addOption(numberOption('--shear <degrees>', 'greatest shear angle', standard.shear))
    .addOption(numberOption('--zoom <share>', 'greatest zoom in and out', standard.zoom))
    .option('--no-horizontal-flip', 'never mirror')
    .addOption(numberOption('--rotation <degrees>', 'greatest rotation', standard.rotation))
    .addOption(numberOption('--brightness <share>', 'greatest change of the brightness', standard.brightness))
    .addOption(numberOption('--contrast <share>', 'greatest change of the contrast', standard.contrast))
    .addOption(numberOption('--saturation <share>', 'greatest change of the saturation', standard.saturation))
    .addOption(numberOption('--hue <degrees>', 'greatest turn of the hue', standard.hue))
    .addOption(numberOption('--greyscale <share>', 'share of pictures made grey', standard.greyscale))
    .addOption(numberOption('--blur <pixels>', 'greatest standard deviation of a blur, for one in two', standard.blur))
    .addOption(numberOption('--downscale <factor>', 'greatest reduction of detail, for one in three', standard.downscale))
    .addOption(numberOption('--noise <level>', 'greatest standard deviation of noise, of values 0..1', standard.noise))
    .addOption(numberOption('--jpeg <quality>', 'lowest quality of JPEG, for one in three', standard.jpeg))
    .addOption(numberOption('--erase <share>', 'share of pictures with a part erased', standard.erase));
  command
    .optionsGroup('Machine:')
    .addOption(deviceOption())
    .addOption(numberOption('--threads <count>', 'threads that compute (default: one per core)'))
    .addOption(numberOption('--workers <count>', 'threads that read pictures', standard.workers));
  return command.optionsGroup('Other options:');
}
