import './telemetry.node.js';
import { availableParallelism } from 'node:os';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError, messageOf } from '../base/errors.js';
import { LoadedSession } from './loaded-session.js';

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
export class Session extends LoadedSession {
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
      return new Session(session, Tensor);
    } catch (error) {
      throw new EngineError(`ONNX Runtime refused the graph: ${messageOf(error)}`, { cause: error });
    }
  }
}
