import gpuMjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import gpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import cpuMjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import cpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { HostTensor } from '../../src/base/tensor.js';
import { floatTensor } from '../../src/base/tensor.js';
import type { WebProvider } from '../../src/runtime/session.web.js';
import { configureEngine, Session } from '../../src/runtime/session.web.js';
import type { Model, Said } from './messages.js';

/** More threads win nothing for one picture, and one core is left to the page: threads wait for each other actively. */
const MOST_THREADS = 4;
const THREADS = Math.max(1, Math.min(navigator.hardwareConcurrency - 1, MOST_THREADS));
/** How far probabilities may be from summing to 1. */
const TOLERANCE = 1e-3;

configureEngine({
  threads: self.crossOriginIsolated ? THREADS : 1,
  files: { wasm: { mjs: cpuMjs, wasm: cpuWasm }, webgpu: { mjs: gpuMjs, wasm: gpuWasm } },
});

/** The network that tells bands. */
export interface BandNetwork {
  readonly provider: WebProvider;
  /** @param planes [count, 3, H, W], 0..1 @returns a row for each */
  classify(planes: Float32Array, count: number): Promise<Said[]>;
}

/** WebGPU where there is a graphics processor; an adapter that only pretends to be one is slower than the CPU. */
export async function preferredProvider(): Promise<WebProvider> {
  const gpu = (navigator as { gpu?: { requestAdapter(): Promise<{ info?: { isFallbackAdapter?: boolean } } | null> } }).gpu;
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return adapter != null && adapter.info?.isFallbackAdapter !== true ? 'webgpu' : 'wasm';
}

/**
 * Opens the network where it is fastest. A graphics processor whose driver gives something else than probabilities is passed
 * over for the CPU.
 */
export async function openNetwork(bytes: Uint8Array, model: Model, provider: WebProvider): Promise<BandNetwork> {
  if (provider === 'webgpu') {
    try {
      const network = await open(bytes, model, provider);
      const [said] = await network.classify(new Float32Array(3 * model.imageSize ** 2), 1);
      if (Math.abs(said!.probabilities.reduce((sum, value) => sum + value, 0) - 1) < TOLERANCE) return network;
    } catch {
      // The CPU can do it too.
    }
  }
  return await open(bytes, model, 'wasm');
}

async function open(bytes: Uint8Array, { imageSize }: Model, provider: WebProvider): Promise<BandNetwork> {
  const session = await Session.create(bytes, provider);
  return {
    provider,
    classify: async (planes, count) => {
      const { probabilities, years } = await session.run({ images: floatTensor(planes, [count, 3, imageSize, imageSize]) });
      return Array.from({ length: count }, (_, row) => ({
        probabilities: rowOf(probabilities!, row),
        years: years === undefined ? null : rowOf(years, row),
      }));
    },
  };
}

function rowOf({ data, shape }: HostTensor, row: number): number[] {
  return Array.from((data as Float32Array).subarray(row * shape[1]!, (row + 1) * shape[1]!));
}
