import { EngineError } from '../base/errors.js';
import type { HostTensor } from '../base/tensor.js';
import { floatTensor } from '../base/tensor.js';
import type { DeviceTensor } from '../runtime/device-tensor.js';
import type { RunResults } from '../runtime/loaded-session.js';
import { readTensors } from '../runtime/read-tensors.node.js';

/**
 * The tensors that training changes, by name. On the processor each of them exists twice: a step reads the one and writes
 * the other, then they change places, so that no step allocates. A device that keeps tensors has the newest ones; `read`
 * brings them here.
 */
export class TrainedTensors {
  readonly #here = new Map<string, HostTensor<'float32'>>();
  readonly #spare = new Map<string, HostTensor<'float32'>>();
  readonly #onDevice = new Map<string, DeviceTensor>();
  #isStale = false;

  /**
   * All of them, in the order of a checkpoint.
   * @throws {EngineError} where the device has newer ones: `read` was forgotten
   */
  get here(): ReadonlyMap<string, HostTensor<'float32'>> {
    if (this.#isStale) throw new EngineError('the newest tensors are on the device');
    return this.#here;
  }

  get names(): readonly string[] {
    return [...this.#here.keys()];
  }

  shapeOf(name: string): readonly number[] {
    return this.#here.get(name)!.shape;
  }

  has(name: string): boolean {
    return this.#here.has(name);
  }

  /** The newest one, wherever it is, to be fed to a session. */
  newest(name: string): HostTensor<'float32'> | DeviceTensor {
    return this.#onDevice.get(name) ?? this.#here.get(name)!;
  }

  /** Replaces all; none may be on a device. */
  replace(tensors: ReadonlyMap<string, HostTensor<'float32'>>): void {
    this.#spare.clear();
    this.#here.clear();
    for (const [name, tensor] of tensors) this.#here.set(name, tensor);
  }

  /** Takes over values of some; shapes must have been checked. None may be on a device. */
  load(tensors: ReadonlyMap<string, HostTensor>): void {
    for (const [name, tensor] of this.#here) {
      const source = tensors.get(name);
      if (source) tensor.data.set(source.data as Float32Array);
    }
  }

  /** Memory for the next value. */
  spare(name: string): HostTensor<'float32'> {
    const { data, shape } = this.#here.get(name)!;
    const spare = this.#spare.get(name) ?? floatTensor(new Float32Array(data.length), shape);
    this.#spare.set(name, spare);
    return spare;
  }

  /**
   * Takes over what a step has made of some: left on the device, or written into the spare memory.
   * @param outputOf name of the output that holds the next value
   */
  advance(names: readonly string[], { resident }: RunResults, outputOf: (name: string) => string): void {
    for (const name of names) {
      const next = resident[outputOf(name)];
      if (next) {
        this.#onDevice.get(name)?.dispose();
        this.#onDevice.set(name, next);
        this.#isStale = true;
      } else {
        const [before, after] = [this.#here.get(name)!, this.#spare.get(name)!];
        this.#here.set(name, after);
        this.#spare.set(name, before);
      }
    }
  }

  /** Brings the newest ones here; they stay on the device as well. */
  async read(): Promise<void> {
    if (!this.#isStale) return;
    const copies = await readTensors(this.#onDevice);
    for (const [name, { data }] of Object.entries(copies)) this.#here.get(name)!.data.set(data as Float32Array);
    this.#isStale = false;
  }

  /** The same, and frees the memory of the device: to be called before the sessions end that made them. */
  async leaveDevice(): Promise<void> {
    await this.read();
    for (const tensor of this.#onDevice.values()) tensor.dispose();
    this.#onDevice.clear();
  }
}
