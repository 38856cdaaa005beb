import type { Capabilities } from '../graph/capabilities.js';
import { COMMON_CAPABILITIES, PROCESSOR_CAPABILITIES } from '../graph/capabilities.js';

/**
 * What computes: the processor, or one of ONNX Runtime's execution providers for others. `webgpu` is for graphics processors
 * of any make, `cuda` for NVIDIA's, `coreml` for Apple's chips, `dml` for DirectML on Windows.
 */
export const DEVICES = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
export type Device = (typeof DEVICES)[number];

/** `auto` stands for the best device that there is. */
export const DEVICE_CHOICES = ['auto', ...DEVICES] as const;
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/** What graphs for a device are made of. Only the processor and WebGPU have been tried; what those lack no other needs. */
export function capabilitiesOf(device: Device): Capabilities {
  return device === 'cpu' ? PROCESSOR_CAPABILITIES : COMMON_CAPABILITIES;
}

/** Whether ONNX Runtime lets outputs stay on the device, to be the inputs of another run. */
export function keepsTensors(device: Device): boolean {
  return device === 'webgpu';
}

/** Whether one thread of a process at most may compute there: ONNX Runtime's WebGPU crashes with two at once. */
export function isForOneThread(device: Device): boolean {
  return device === 'webgpu';
}
