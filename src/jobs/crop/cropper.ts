import { join } from 'node:path';
import { PictureError } from '../../base/errors.js';
import { writeFileUnflushed } from '../../base/files.node.js';
import { alignFace } from '../../faces/align.js';
import type { Face } from '../../faces/face.js';
import { decodePicture } from '../../images/decode.node.js';
import { encodePicture, PICTURE_ENDINGS } from '../../images/encode.node.js';
import type { Picture } from '../../images/picture.js';
import { squashPicture } from '../../images/squash.js';
import { NO_FILE, sourceState } from '../file-state.js';
import type { PictureOrigin } from '../source-pictures.js';
import { SourcePictures } from '../source-pictures.js';
import { figuresOf } from './figures.js';
import type { CropFile, CropRecord } from './record.js';
import type { CropLooks } from './settings.js';

/** One picture to crop. */
export interface CropItem {
  /** Its path in the source, with `/`, or its address. */
  readonly file: string;
  /** Where its crops go in the folder of the crops, without ending and number. */
  readonly stem: string;
}

/** Where pictures come from and crops are written. */
export interface CropFolders extends PictureOrigin {
  readonly out: string;
}

/** Finds the faces of a picture, the largest first. */
export interface FindsFaces {
  find(picture: Picture): Promise<readonly Face[]>;
}

/** Crops pictures, one at a time or several. */
export class Cropper {
  readonly #finder: FindsFaces;
  readonly #looks: CropLooks;
  readonly #folders: CropFolders;
  readonly #pictures: SourcePictures;

  constructor(finder: FindsFaces, looks: CropLooks, folders: CropFolders) {
    this.#finder = finder;
    this.#looks = looks;
    this.#folders = folders;
    this.#pictures = new SourcePictures(folders);
  }

  /**
   * Makes and writes the crops of one picture. A picture that cannot be read has a record as well.
   * @throws {FileError} when a crop cannot be written
   */
  async crop({ file, stem }: CropItem): Promise<CropRecord> {
    const state = await sourceState(this.#folders.root, file);
    try {
      if (state === NO_FILE) throw new PictureError(file, 'not found');
      const picture = await this.#pictures.use(file, (source) => decodePicture(source));
      const faces = (await this.#finder.find(picture)).filter(({ quality }) => quality.size >= this.#looks.minSize);
      return { file, stem, state, faces: faces.length, crops: await this.#cropsOf(picture, faces, stem) };
    } catch (error) {
      if (!(error instanceof PictureError)) throw error;
      return { file, stem, state, crops: [skipped(`unreadable: ${error.reason}`)] };
    }
  }

  async #cropsOf(picture: Picture, faces: readonly Face[], stem: string): Promise<CropFile[]> {
    const { size, template, margin, allFaces, noFace, minSize } = this.#looks;
    if (faces.length === 0) {
      const reason = minSize > 0 ? `no face of at least ${minSize} pixels` : 'no face';
      if (noFace === 'skip') return [skipped(reason)];
      const written = await this.#write(squashPicture(picture, size, size), allFaces ? `${stem}-0` : stem);
      return [{ ...written, fallback: 'whole picture', reason }];
    }
    const crops: CropFile[] = [];
    for (const [index, face] of (allFaces ? faces : faces.slice(0, 1)).entries()) {
      const aligned = alignFace(picture, face.landmarks, { size, template, margin });
      const written = await this.#write(aligned, allFaces ? `${stem}-${index + 1}` : stem);
      crops.push({ ...written, face: figuresOf(face), fallback: '', reason: '' });
    }
    return crops;
  }

  async #write(picture: Picture, stem: string): Promise<Pick<CropFile, 'crop' | 'bytes'>> {
    const { format, quality } = this.#looks;
    const crop = `${stem}${PICTURE_ENDINGS[format]}`;
    const bytes = await encodePicture(picture, format, quality);
    // Flushing each crop would cost more than making it; one that is lost with the power is made again.
    await writeFileUnflushed(join(this.#folders.out, crop), bytes);
    return { crop, bytes: bytes.length };
  }
}

/** The record of a picture that could not be done at all. */
export function undoneRecord({ file, stem }: CropItem, reason: string): CropRecord {
  return { file, stem, state: NO_FILE, crops: [skipped(`unreadable: ${reason}`)] };
}

function skipped(reason: string): CropFile {
  return { crop: '', bytes: 0, fallback: 'skipped', reason };
}
