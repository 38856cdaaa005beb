/** Why a device cannot be used, and what to do about it. */
import './telemetry.node.js';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { InferenceSession, listSupportedBackends } from 'onnxruntime-node';
import { DeviceError, messageOf } from '../base/errors.js';
import { Graph } from '../graph/graph.js';
import { relu } from '../graph/operators/index.js';
import { serialise } from '../graph/serialise.js';
import type { Device } from './device.js';

const HINTS: Readonly<Record<Device, string>> = {
  cpu: 'Install the package again.',
  webgpu: 'It needs a graphics card with its driver: for Vulkan on Linux, Direct3D 12 on Windows. Without, use --device cpu.',
  cuda:
    'It needs Linux or Windows on x64, CUDA 12 and cuDNN 9, and libraries of ONNX Runtime that no installation fetches by itself: ' +
    '`node node_modules/onnxruntime-node/script/install --onnxruntime-node-install` does. --device webgpu needs none of this.',
  coreml: 'It is there on macOS alone. Use --device webgpu or --device cpu.',
  dml: 'It is there on Windows alone. Use --device webgpu or --device cpu.',
};

/** Whether ONNX Runtime was built for a device on this system, and has all its own files. */
export function isInstalled(device: Device): boolean {
  return listSupportedBackends().some(({ name }) => name === device) && (device !== 'cuda' || existsSync(cudaLibrary()));
}

/** @throws {DeviceError} when files are missing; ONNX Runtime would write several lines about it to the terminal */
export function requireLibraries(device: Device): void {
  if (device === 'cpu' || isInstalled(device)) return;
  const isBuilt = device === 'cuda' && listSupportedBackends().some(({ name }) => name === device);
  const reason = isBuilt ? `${cudaLibrary()} is missing` : `ONNX Runtime has no such device for ${process.platform} on ${process.arch}`;
  throw new DeviceError(device, reason, { hint: HINTS[device] });
}

/** Tries a device with the smallest of graphs. @throws {DeviceError} when that fails */
export async function requireDevice(device: Device): Promise<void> {
  if (device === 'cpu') return;
  requireLibraries(device);
  const graph = new Graph();
  graph.output('y', relu(graph.input('x', 'float32', [1])));
  try {
    const session = await InferenceSession.create(serialise(graph), { executionProviders: [device], logSeverityLevel: 4 });
    await session.release();
  } catch (error) {
    // Before its reason, ONNX Runtime names the line of its source and the condition that failed.
    const reason = messageOf(error).trim().replace(/^.* was false\. /s, '');
    throw new DeviceError(device, reason, { hint: HINTS[device], cause: error });
  }
}

function cudaLibrary(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  const name = process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
  return join(entry, '..', 'bin', 'napi-v6', process.platform, process.arch, name);
}
