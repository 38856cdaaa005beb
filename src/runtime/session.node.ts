import { availableParallelism } from 'node:os';
import type { InferenceSession as OrtSession } from 'onnxruntime-node';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError, messageOf } from '../base/errors.js';
import type { ElementType, HostTensor } from '../base/tensor.js';
import type { Feeds, Runner, RunOptions } from './runner.js';

export interface SessionOptions {
  /** Threads that one operator may use; the number of cores by default. */
  readonly threads?: number;
  /** Path prefix of a profile that ONNX Runtime writes when the session is disposed of. */
  readonly profile?: string;
}

/**
 * A graph loaded into ONNX Runtime on the CPU. A run blocks the calling thread although it returns a promise, so
 * sessions belong in worker threads wherever a user interface or a server must stay responsive.
 */
export class Session implements Runner {
  readonly #session: OrtSession;

  private constructor(session: OrtSession) {
    this.#session = session;
  }

  /** @throws {EngineError} when ONNX Runtime refuses the model. */
  static async create(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    try {
      const session = await InferenceSession.create(model, {
        executionProviders: ['cpu'],
        intraOpNumThreads: options.threads ?? availableParallelism(),
        interOpNumThreads: 1,
        // A planned block would be allocated beside what the first run borrowed: twice the memory, at the same speed.
        enableMemPattern: false,
        logSeverityLevel: 3,
        ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
      });
      return new Session(session);
    } catch (error) {
      throw new EngineError(`ONNX Runtime refused the graph: ${messageOf(error)}`, { cause: error });
    }
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /** @throws {EngineError} when an input is missing, has the wrong shape, or a name is not that of the graph. */
  async run(feeds: Feeds, options: RunOptions = {}): Promise<Record<string, HostTensor>> {
    const fetches = options.fetches ?? Object.fromEntries(this.outputNames.map((name) => [name, undefined]));
    requireNames('input', feeds, this.inputNames);
    requireNames('output', fetches, this.outputNames);
    const extra = options.releaseMemory ? { extra: { memory: { enable_memory_arena_shrinkage: 'cpu:0' } } } : {};
    try {
      const tensors = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
      const wanted = Object.fromEntries(
        Object.entries(fetches).map(([name, tensor]) => [name, tensor ? toOrt(tensor) : null]),
      );
      const results = await this.#session.run(tensors, wanted, extra);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, fetches[name] ?? fromOrt(tensor)]),
      );
    } catch (error) {
      throw new EngineError(`ONNX Runtime failed: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Frees the native memory; writes the profile if one was asked for. */
  async dispose(): Promise<void> {
    this.#session.endProfiling();
    await this.#session.release();
  }
}

/** ONNX Runtime passes over names that it does not know. */
function requireNames(role: 'input' | 'output', given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const stranger = Object.keys(given).find((name) => !known.includes(name));
  if (stranger !== undefined) throw new EngineError(`the graph has no ${role} named "${stranger}"`);
}

function toOrt(tensor: HostTensor): Tensor {
  return new Tensor(tensor.type, tensor.data, tensor.shape);
}

function fromOrt(tensor: Tensor): HostTensor {
  return { type: tensor.type as ElementType, data: tensor.data as HostTensor['data'], shape: tensor.dims };
}
