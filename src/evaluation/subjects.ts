import type { Box } from '../faces/face.js';
import { openFaceFinder } from '../faces/finder.node.js';
import type { FaceFinder } from '../faces/finder.js';
import { faceForNetwork } from '../faces/network-input.js';
import type { InputContract } from '../formats/onnx-contract.js';
import { decodePicture } from '../images/decode.node.js';
import type { Picture } from '../images/picture.js';
import { squashPicture } from '../images/squash.js';
import type { Device } from '../runtime/device.js';

/** What a network says something of: a face, or a whole picture. */
export interface Subject {
  /** Of the face, in pixels of the upright picture; null where it is the whole picture. */
  readonly box: Box | null;
  /** The subject as the network takes it: an aligned face or a squashed picture, a square of so many pixels. */
  readonly input: (side: number) => Promise<Picture>;
}

/** Finds what a network is shown of pictures. Call `dispose` when done. */
export class SubjectFinder {
  readonly #alignment: InputContract['alignment'];
  readonly #device: Device;
  #finder: Promise<FaceFinder> | undefined;

  /** @param device on which faces are found */
  constructor({ alignment }: Pick<InputContract, 'alignment'>, device: Device) {
    this.#alignment = alignment;
    this.#device = device;
  }

  /**
   * The faces of a picture, the largest first. Where there is none, and for a network that takes pictures as they are, the whole
   * picture stands for them; the list is never empty.
   * @param source path of a file, or the bytes of one
   * @throws {PictureError} when it cannot be read; for a network that takes pictures as they are, `input` does
   */
  async find(source: string | Uint8Array): Promise<[Subject, ...Subject[]]> {
    const alignment = this.#alignment;
    if (alignment === undefined) {
      return [{ box: null, input: (side) => decodePicture(source, { width: side, height: side }) }];
    }
    const photo = await decodePicture(source);
    const finder = await (this.#finder ??= openFaceFinder({ device: this.#device }));
    const [largest, ...others] = (await finder.find(photo)).map((face): Subject => {
      return { box: face.box, input: (side) => Promise.resolve(faceForNetwork(photo, face, side, alignment)) };
    });
    const whole: Subject = { box: null, input: (side) => Promise.resolve(squashPicture(photo, side, side)) };
    return [largest ?? whole, ...others];
  }

  async dispose(): Promise<void> {
    await this.#finder?.then((finder) => finder.dispose(), () => undefined); // whoever asked for it heard why it did not open
  }
}
