import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { requireDevice } from '../../src/runtime/device-check.node.js';

/** SwiftShader, a Vulkan driver that computes on the processor, comes with Chromium: where Linux distributions have it. */
const SOFTWARE_DRIVERS = ['/usr/lib/chromium/vk_swiftshader_icd.json', '/usr/lib64/chromium-browser/vk_swiftshader_icd.json'];

/**
 * Environment of a process in which WebGPU computes, on SwiftShader where it is there so that all machines compute the
 * same. This process has it too: Vulkan reads it when it is first used.
 */
export const WEBGPU_ENVIRONMENT: Readonly<Record<string, string>> = (() => {
  const driver = SOFTWARE_DRIVERS.find(existsSync);
  return {
    XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? tmpdir(),
    ...(process.env['VK_DRIVER_FILES'] === undefined && driver !== undefined ? { VK_DRIVER_FILES: driver } : {}),
  };
})();
Object.assign(process.env, WEBGPU_ENVIRONMENT);

/** Why WebGPU does not compute here; undefined where it does. */
export const WEBGPU_PROBLEM: string | undefined = await requireDevice('webgpu').then(
  () => undefined,
  (error: unknown) => String(error),
);
