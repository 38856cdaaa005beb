import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';
import { EngineError, messageOf } from '../base/errors.js';
import type { ElementType, HostTensor } from '../base/tensor.js';
import type { Device } from './device.js';
import { DeviceTensor } from './device-tensor.js';
import type { Feeds, Runner, RunOptions } from './runner.js';

/** Outputs of a run: those in the memory of the process, and those that stay on the device. */
export interface RunResults {
  readonly outputs: Record<string, HostTensor>;
  readonly resident: Record<string, DeviceTensor>;
}

/** What ONNX Runtime says where a device has no buffer that large, or no memory left; WebGPU tells the reason to the terminal alone. */
const NO_ROOM = /storage buffers|invalid buffer|out of (device )?memory|failed to allocate/i;
const NO_ROOM_HINT = 'The device has no room for so much at once: a smaller batch needs less, and the processor can always be had.';

/** A graph that one of ONNX Runtime's packages has loaded; they share the interface of onnxruntime-common. */
export class LoadedSession implements Runner {
  readonly device: Device;
  readonly #session: InferenceSession;
  readonly #Tensor: TensorConstructor;
  readonly #resident = new Set<DeviceTensor>();

  /** @param tensor the class of the package that made the session: it does not know those of others */
  protected constructor(session: InferenceSession, tensor: TensorConstructor, device: Device) {
    this.#session = session;
    this.#Tensor = tensor;
    this.device = device;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /** Number of tensors that it has left on the device and that were not disposed of. */
  get residentCount(): number {
    return this.#resident.size;
  }

  async run(feeds: Feeds, options?: RunOptions): Promise<Record<string, HostTensor>> {
    const { outputs, resident } = await this.runResident(feeds, options);
    for (const tensor of Object.values(resident)) tensor.dispose();
    return outputs;
  }

  /** The same with the outputs that the session was made to leave on the device; they belong to the caller. @throws as `run` */
  async runResident(feeds: Feeds, options: RunOptions = {}): Promise<RunResults> {
    const fetches = options.fetches ?? Object.fromEntries(this.outputNames.map((name) => [name, undefined]));
    requireNames('input', feeds, this.inputNames);
    requireNames('output', fetches, this.outputNames);
    try {
      const tensors = Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, this.#toOrt(tensor)]));
      const wanted = Object.fromEntries(
        Object.entries(fetches).map(([name, tensor]) => [name, tensor ? this.#toOrt(tensor) : null]),
      );
      const results = await this.#session.run(tensors, wanted);
      const outputs: Record<string, HostTensor> = {};
      const resident: Record<string, DeviceTensor> = {};
      for (const [name, tensor] of Object.entries(results)) {
        if (tensor.location === 'gpu-buffer') resident[name] = this.#left(tensor);
        else outputs[name] = fetches[name] ?? fromOrt(tensor);
      }
      return { outputs, resident };
    } catch (error) {
      const reason = messageOf(error).trim();
      const hint = this.device !== 'cpu' && NO_ROOM.test(reason) ? { hint: NO_ROOM_HINT } : {};
      throw new EngineError(`ONNX Runtime failed: ${reason}`, { ...hint, cause: error });
    }
  }

  /** Frees its memory, that of the tensors which it left on the device included; writes the profile if one was asked for. */
  async dispose(): Promise<void> {
    for (const tensor of this.#resident) tensor.dispose();
    this.#session.endProfiling();
    await this.#session.release();
  }

  #left(tensor: Tensor): DeviceTensor {
    const left = new DeviceTensor(tensor, this.device, (disposed) => this.#resident.delete(disposed));
    this.#resident.add(left);
    return left;
  }

  #toOrt(tensor: HostTensor | DeviceTensor): Tensor {
    if (!(tensor instanceof DeviceTensor)) return new this.#Tensor(tensor.type, tensor.data, tensor.shape);
    // ONNX Runtime would read other memory instead, without a word.
    if (tensor.device !== this.device) throw new EngineError(`a tensor on ${tensor.device} is no input for a session on ${this.device}`);
    return tensor.tensor;
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
