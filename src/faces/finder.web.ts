import { Session } from '../runtime/session.web.js';
import { FaceDetector } from './detector.js';
import { FaceFinder } from './finder.js';
import { MeshNetwork } from './mesh.js';

/**
 * Opens the networks for a web page; the finder does there what it does in Node. Finding blocks the calling thread, so it
 * belongs into a worker.
 * @param detector the bytes of `models/faces/detector.onnx`
 * @param mesh the bytes of `models/faces/mesh.onnx`
 * @throws {EngineError} when they cannot be loaded
 */
export async function openFaceFinder(detector: Uint8Array, mesh: Uint8Array): Promise<FaceFinder> {
  return new FaceFinder(
    new FaceDetector(await Session.create(detector)),
    new MeshNetwork(await Session.create(mesh)),
  );
}
