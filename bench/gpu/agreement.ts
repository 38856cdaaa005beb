/** Whether a device computes what the processor does, for whole networks at the sizes that are trained. */
import { PURPOSE, randomStream } from '../../src/base/random.js';
import { messageOf } from '../../src/base/errors.js';
import { getModel } from '../../src/models/registry.js';
import { sgd } from '../../src/nn/optimisers.js';
import type { Device } from '../../src/runtime/device.js';
import { TrainingEngine } from '../../src/training/engine.js';
import { median } from '../contenders.js';

const BATCH = 2;
const CLASSES = 8;
const NETWORKS = [['baseline', 227], ['levi-hassner', 227], ['face-resnet', 112], ['resnet-50', 224], ['vgg16', 224]] as const;

/**
 * Prints, for one step of each network, the loss on the device and on the processor, and how far the changes of a parameter lie
 * apart, relative to the change: in the median of all parameters, and of the one where it is largest. Where two pixels of a pooling
 * window are all but equal, or a ReLU's input all but zero, rounding decides which way a gradient goes: a single one of those
 * may part the changes of the layers before it by a few per cent.
 */
export async function compareWithProcessor(device: Device): Promise<void> {
  console.log(`\none step of each network at batch ${BATCH}   ${`loss, ${device}`.padStart(14)}     loss, cpu   changes differ by: median     most`);
  for (const [name, size] of NETWORKS) {
    try {
      const [there, here] = [await stepOn(device, name, size), await stepOn('cpu', name, size)];
      const differences = [...here.changes].map(([parameter, change]) => relativeDistance(there.changes.get(parameter)!, change));
      const losses = [there, here].map(({ loss }) => loss.toFixed(6).padStart(14)).join('');
      const [middle, most] = [median(differences), Math.max(...differences)].map((value) => value.toExponential(1));
      console.log(`  ${`${name}, ${size}×${size}`.padEnd(31)}${losses}   ${middle!.padStart(25)} ${most!.padStart(8)}`);
    } catch (error) {
      console.log(`  ${name}: not measured: ${messageOf(error).trim()}`);
    }
  }
}

async function stepOn(device: Device, name: string, imageSize: number) {
  const optimiser = sgd({ momentum: 0, nesterov: false });
  const engine = new TrainingEngine({ network: getModel(name), imageSize, classes: CLASSES, optimiser, seed: 1, device });
  try {
    const before = new Map([...engine.state].map(([parameter, { data }]) => [parameter, data.slice()]));
    const random = randomStream(2, PURPOSE.augment);
    const images = Float32Array.from({ length: BATCH * 3 * imageSize ** 2 }, () => random.uniform());
    const targets = Float32Array.from({ length: BATCH * CLASSES }, (_, index) => (index % (CLASSES + 1) === 0 ? 1 : 0));
    const weights = new Float32Array(BATCH).fill(1);
    const { loss } = await engine.step({ images, targets, weights, step: 0, learningRate: 0.01 });
    await engine.read();
    const changes = [...engine.state].map(([parameter, { data }]) => {
      const start = before.get(parameter)!;
      return [parameter, data.map((value, index) => value - start[index]!)] as const;
    });
    return { loss, changes: new Map(changes) };
  } finally {
    await engine.dispose();
  }
}

/** Length of the difference of two vectors, relative to that of the second. */
function relativeDistance(a: Float32Array, b: Float32Array): number {
  let [apart, length] = [0, 0];
  for (const [index, value] of b.entries()) [apart, length] = [apart + (a[index]! - value) ** 2, length + value ** 2];
  return length === 0 ? Math.sign(apart) : Math.sqrt(apart / length);
}
