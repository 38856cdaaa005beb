import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fileError } from '../base/files.node.js';
import { decodePicture } from '../images/decode.node.js';
import type { Picture } from '../images/picture.js';
import { chooseDevice } from '../runtime/choose-device.node.js';
import type { DeviceChoice } from '../runtime/device.js';
import { Session } from '../runtime/session.node.js';
import { FaceDetector } from './detector.js';
import type { Face } from './face.js';
import { FaceFinder } from './finder.js';
import { MeshNetwork } from './mesh.js';

export interface FaceFinderOptions {
  /** What computes. Default: `cpu`. */
  readonly device?: DeviceChoice;
  /**
   * Threads that one network may use. Default: 1, since the networks are small: several finders in worker threads of
   * their own get more from several cores than one finder does.
   */
  readonly threads?: number;
}

/**
 * Opens the networks that ship with the package. Finding blocks the calling thread, although it returns a promise.
 * @throws {FileError} {EngineError} when they cannot be loaded
 * @throws {DeviceError} when the device cannot be used
 */
export async function openFaceFinder({ threads = 1, device: choice = 'cpu' }: FaceFinderOptions = {}): Promise<FaceFinder> {
  const device = await chooseDevice(choice);
  const open = async (name: string): Promise<Session> => Session.create(await readModel(name), { threads, device });
  const detector = await open('detector.onnx');
  return new FaceFinder(new FaceDetector(detector), new MeshNetwork(await open('mesh.onnx')));
}

/**
 * The faces of a picture, the largest first; none is an empty list.
 * @param image path of a file, the bytes of one, or a decoded picture
 * @throws {PictureError} when it cannot be read
 * @example
 * const [face] = await detectFaces('photo.jpg');
 * if (face) console.log(face.box, face.roll);
 */
export async function detectFaces(image: string | Uint8Array | Picture, options?: FaceFinderOptions): Promise<Face[]> {
  const isDecoded = typeof image === 'object' && 'data' in image;
  const picture = isDecoded ? image : await decodePicture(image);
  const finder = await openFaceFinder(options);
  try {
    return await finder.find(picture);
  } finally {
    await finder.dispose();
  }
}

async function readModel(name: string): Promise<Uint8Array> {
  const path = fileURLToPath(new URL(`../../models/faces/${name}`, import.meta.url));
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError(path, 'read', error);
  }
}
