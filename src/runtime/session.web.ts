import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { EngineError, messageOf } from '../base/errors.js';
import { LoadedSession } from './loaded-session.js';

/** A graph loaded into ONNX Runtime in a web page, on its CPU: WebAssembly with SIMD, and threads where there are. */
export class Session extends LoadedSession {
  /** @throws {EngineError} when ONNX Runtime refuses the model. */
  static async create(model: Uint8Array): Promise<Session> {
    try {
      const session = await InferenceSession.create(model, { executionProviders: ['wasm'], logSeverityLevel: 3 });
      return new Session(session, Tensor);
    } catch (error) {
      throw new EngineError(`ONNX Runtime refused the graph: ${messageOf(error)}`, { cause: error });
    }
  }
}
