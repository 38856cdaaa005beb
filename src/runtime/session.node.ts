import './telemetry.node.js';
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError, messageOf } from '../base/errors.js';
import type { Device } from './device.js';
import { keepsTensors } from './device.js';
import { requireDevice, requireLibraries } from './device-check.node.js';
import { LoadedSession } from './loaded-session.js';

export interface SessionOptions {
  /** What computes; the processor by default. */
  readonly device?: Device;
  /** Threads of the processor that one operator may use; the number of cores by default. */
  readonly threads?: number;
  /** Names of outputs that stay on the device, where it keeps tensors: `runResident` gives them. */
  readonly resident?: readonly string[];
  /** Path prefix of a profile that ONNX Runtime writes when the session is disposed of. */
  readonly profile?: string;
}

/**
 * A graph loaded into ONNX Runtime. A run blocks the calling thread although it returns a promise, so sessions belong in
 * worker threads wherever a user interface or a server must stay responsive.
 */
export class Session extends LoadedSession {
  /**
   * @throws {DeviceError} when the device cannot be used
   * @throws {EngineError} when ONNX Runtime refuses the model
   */
  static async create(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
    const { device = 'cpu', resident = [], profile } = options;
    requireLibraries(device);
    const locations = Object.fromEntries(resident.map((name) => [name, 'gpu-buffer' as const]));
    try {
      const session = await InferenceSession.create(model, {
        executionProviders: [device],
        intraOpNumThreads: options.threads ?? availableParallelism(),
        interOpNumThreads: 1,
        // A planned block would be allocated beside what the first run borrowed: twice the memory, at the same speed.
        enableMemPattern: false,
        logSeverityLevel: 3,
        ...(resident.length > 0 && keepsTensors(device) ? { preferredOutputLocation: locations } : {}),
        ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
      });
      return new Session(session, Tensor, device);
    } catch (error) {
      await requireDevice(device);
      throw new EngineError(`ONNX Runtime refused the graph: ${messageOf(error)}`, { cause: error });
    }
  }
}
