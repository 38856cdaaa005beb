import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';
import { EngineError, messageOf } from '../base/errors.js';
import type { ElementType, HostTensor } from '../base/tensor.js';
import type { Feeds, Runner, RunOptions } from './runner.js';

/** A graph that one of ONNX Runtime's packages has loaded; they share the interface of onnxruntime-common. */
export class LoadedSession implements Runner {
  readonly #session: InferenceSession;
  readonly #Tensor: TensorConstructor;

  /** @param tensor the class of the package that made the session: it does not know those of others */
  protected constructor(session: InferenceSession, tensor: TensorConstructor) {
    this.#session = session;
    this.#Tensor = tensor;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  async run(feeds: Feeds, options: RunOptions = {}): Promise<Record<string, HostTensor>> {
    const fetches = options.fetches ?? Object.fromEntries(this.outputNames.map((name) => [name, undefined]));
    requireNames('input', feeds, this.inputNames);
    requireNames('output', fetches, this.outputNames);
    try {
      const tensors = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, this.#toOrt(tensor)]));
      const wanted = Object.fromEntries(
        Object.entries(fetches).map(([name, tensor]) => [name, tensor ? this.#toOrt(tensor) : null]),
      );
      const results = await this.#session.run(tensors, wanted);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, fetches[name] ?? fromOrt(tensor)]),
      );
    } catch (error) {
      throw new EngineError(`ONNX Runtime failed: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Frees its memory; writes the profile if one was asked for. */
  async dispose(): Promise<void> {
    this.#session.endProfiling();
    await this.#session.release();
  }

  #toOrt(tensor: HostTensor): Tensor {
    return new this.#Tensor(tensor.type, tensor.data, tensor.shape);
  }
}

/** ONNX Runtime passes over names that it does not know. */
function requireNames(role: 'input' | 'output', given: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const stranger = Object.keys(given).find((name) => !known.includes(name));
  if (stranger !== undefined) throw new EngineError(`the graph has no ${role} named "${stranger}"`);
}

function fromOrt(tensor: Tensor): HostTensor {
  return { type: tensor.type as ElementType, data: tensor.data as HostTensor['data'], shape: tensor.dims };
}
