import type { HostTensor } from '../base/tensor.js';
import { Graph } from '../graph/graph.js';
import { serialise } from '../graph/serialise.js';
import type { DeviceTensor } from './device-tensor.js';
import { Session } from './session.node.js';

/**
 * Copies tensors from a device into the memory of the process. Asked for the data of a tensor directly, onnxruntime-node
 * ends the process, so a graph of copies hands them over.
 * @param tensors at least one, all of the same device; they stay there as well
 * @throws {EngineError} when one was disposed of
 */
export async function readTensors(tensors: ReadonlyMap<string, DeviceTensor>): Promise<Record<string, HostTensor>> {
  const graph = new Graph();
  for (const [name, { type, shape }] of tensors) graph.output(outputOf(name), graph.input(name, type, shape));
  const [{ device }] = [...tensors.values()] as [DeviceTensor];
  const session = await Session.create(serialise(graph), { device });
  try {
    const copies = await session.run(Object.fromEntries(tensors));
    return Object.fromEntries([...tensors.keys()].map((name) => [name, copies[outputOf(name)]!]));
  } finally {
    await session.dispose();
  }
}

function outputOf(name: string): string {
  return `copy of ${name}`;
}
