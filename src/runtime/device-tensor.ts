import type { Tensor } from 'onnxruntime-common';
import { EngineError } from '../base/errors.js';
import type { ElementType } from '../base/tensor.js';
import type { Device } from './device.js';

/**
 * A tensor in the memory of a device, where a session left it. Its memory is freed by `dispose`, at the latest with its
 * session.
 */
export class DeviceTensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly device: Device;
  readonly #forget: (tensor: DeviceTensor) => void;
  #tensor: Tensor | undefined;

  /** @param forget is called when it is disposed of */
  constructor(tensor: Tensor, device: Device, forget: (tensor: DeviceTensor) => void) {
    this.type = tensor.type as ElementType;
    this.shape = tensor.dims;
    this.device = device;
    this.#tensor = tensor;
    this.#forget = forget;
  }

  /** As ONNX Runtime has it. @throws {EngineError} once it was disposed of: ONNX Runtime would crash */
  get tensor(): Tensor {
    if (!this.#tensor) throw new EngineError('a tensor on the device was disposed of, or its session was');
    return this.#tensor;
  }

  /** Frees its memory; a second call does nothing. */
  dispose(): void {
    this.#tensor?.dispose();
    this.#tensor = undefined;
    this.#forget(this);
  }
}
