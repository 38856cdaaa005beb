import type { InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { EngineError, messageOf } from '../base/errors.js';
import { LoadedSession } from './loaded-session.js';

/** `wasm` is the CPU: WebAssembly with SIMD, and threads where there are. `webgpu` also uses the graphics processor. */
export type WebProvider = 'wasm' | 'webgpu';

/** Addresses of a script of ONNX Runtime and its WebAssembly, where a bundler cannot be left to find them. */
export interface EngineFiles {
  readonly mjs: string;
  readonly wasm: string;
}

/** How ONNX Runtime runs in this page or worker; to be said before the first session. */
export interface WebEngineSettings {
  /** Threads on the CPU, where the page is isolated from others. Default: half of the cores, up to 4. */
  readonly threads?: number;
  readonly files?: Readonly<Record<WebProvider, EngineFiles>>;
}

let settings: WebEngineSettings = {};

/** Sets how sessions are made from now on. */
export function configureEngine(wanted: WebEngineSettings): void {
  settings = wanted;
  apply(env, 'wasm');
}

/** A graph loaded into ONNX Runtime in a web page. */
export class Session extends LoadedSession {
  /** @throws {EngineError} when ONNX Runtime refuses the model, or there is no such provider. */
  static async create(model: Uint8Array, provider: WebProvider = 'wasm'): Promise<Session> {
    try {
      const engine = await engineOf(provider);
      const session = await engine.InferenceSession.create(model, { executionProviders: [provider], logSeverityLevel: 3 });
      return new Session(session, engine.Tensor, provider === 'wasm' ? 'cpu' : provider);
    } catch (error) {
      throw new EngineError(`ONNX Runtime refused the graph: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** ONNX Runtime has a build of its own for WebGPU, twice as large, which is fetched where it is asked for. */
async function engineOf(provider: WebProvider): Promise<{ InferenceSession: InferenceSessionFactory; Tensor: TensorConstructor }> {
  if (provider === 'wasm') return { InferenceSession, Tensor };
  const gpu = await import('onnxruntime-web/webgpu');
  apply(gpu.env, provider);
  return gpu;
}

function apply(environment: typeof env, provider: WebProvider): void {
  const { threads, files } = settings;
  if (threads !== undefined) environment.wasm.numThreads = threads;
  if (files !== undefined) environment.wasm.wasmPaths = files[provider];
}
