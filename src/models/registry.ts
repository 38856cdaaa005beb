import { ConfigError } from '../base/errors.js';
import type { NetworkDefinition } from '../nn/network.js';
import { baseline } from './baseline.js';
import { faceResnet } from './face-resnet.js';
import { leviHassner } from './levi-hassner.js';
import { resnet50, resnet50Torch } from './resnet-50.js';
import { vgg16, vgg16Torch } from './vgg16.js';

const models: readonly NetworkDefinition[] = [
  ...[baseline, leviHassner, faceResnet],
  ...[vgg16, vgg16Torch, resnet50, resnet50Torch],
];

/** The names of all models. */
export function modelNames(): string[] {
  return models.map((model) => model.name);
}

/** The model of that name. @throws {ConfigError} naming the models that there are. */
export function getModel(name: string): NetworkDefinition {
  const model = models.find((candidate) => candidate.name === name);
  if (!model) {
    throw new ConfigError(`there is no model "${name}"`, { hint: `The models are: ${modelNames().join(', ')}.` });
  }
  return model;
}
