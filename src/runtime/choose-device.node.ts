/** What `auto` stands for on this machine. */
import type { HostTensor } from '../base/tensor.js';
import { floatTensor } from '../base/tensor.js';
import { Graph } from '../graph/graph.js';
import { matrixProduct, reduceMax } from '../graph/operators/index.js';
import { serialise } from '../graph/serialise.js';
import type { Device, DeviceChoice } from './device.js';
import { isInstalled, requireDevice } from './device-check.node.js';
import { Session } from './session.node.js';

/** In the order in which they are tried. */
const CANDIDATES: readonly Device[] = ['cuda', 'webgpu', 'dml', 'coreml'];

/** Width of the matrices of both trials. The first takes a driver that only imitates a graphics card a quarter of a second. */
const SMALL = 256;
const LARGE = 1024;
const LONGEST_SMALL_SECONDS = 0.05;

/**
 * The device to take: `auto` is the first of CUDA, WebGPU, DirectML and Core ML that loads and multiplies matrices faster
 * than the processor, else the processor; anything else stands for itself, tried or not. Blocks the calling thread for up
 * to two seconds where there is something to try.
 */
export async function chooseDevice(choice: DeviceChoice): Promise<Device> {
  if (choice !== 'auto') return choice;
  for (const device of CANDIDATES) if (isInstalled(device) && (await isFasterThanProcessor(device))) return device;
  return 'cpu';
}

/** The same, tried: for those who start threads or write files before anything is computed. @throws {DeviceError} */
export async function usableDevice(choice: DeviceChoice): Promise<Device> {
  const device = await chooseDevice(choice);
  await requireDevice(device);
  return device;
}

async function isFasterThanProcessor(device: Device): Promise<boolean> {
  try {
    if ((await productSeconds(device, SMALL)) > LONGEST_SMALL_SECONDS) return false;
    return (await productSeconds(device, LARGE)) < (await productSeconds('cpu', LARGE));
  } catch {
    return false; // Whoever asks for the device by its name hears why.
  }
}

/** Seconds of four products of square matrices one after the other, the better of two times after a first. */
async function productSeconds(device: Device, width: number): Promise<number> {
  const graph = new Graph();
  const [a, b] = [matrix(width), matrix(width)];
  const factor = graph.constant(b);
  let product = graph.input('a', 'float32', a.shape);
  for (let count = 0; count < 4; count++) product = matrixProduct(product, factor);
  graph.output('largest', reduceMax(product));
  const session = await Session.create(serialise(graph), { device });
  try {
    const times: number[] = [];
    for (let count = 0; count < 3; count++) {
      const start = performance.now();
      await session.run({ a });
      times.push((performance.now() - start) / 1000);
    }
    return Math.min(...times.slice(1));
  } finally {
    await session.dispose();
  }
}

function matrix(width: number): HostTensor<'float32'> {
  return floatTensor(new Float32Array(width ** 2).fill(1 / width), [width, width]);
}
