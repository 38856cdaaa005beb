/** What the server's threads are asked, and what they answer. */
import type { BandPrediction, ClassifiedFace } from '../../evaluation/face-classifier.js';
import type { Box } from '../../faces/face.js';

/** `all`: every face is found and classified; `none`: the picture is taken for a face, whole. */
export const FACE_MODES = ['all', 'none'] as const;
export type FaceMode = (typeof FACE_MODES)[number];

/** A picture file, and what is asked of it. */
export interface PictureTask {
  readonly bytes: Uint8Array;
  readonly faces: FaceMode;
}

export type FaceAnswer = BandPrediction & Pick<ClassifiedFace['face'], 'score' | 'roll'> & { readonly box: Box };

/** What a picture shows, or why it could not be read. */
export type PictureAnswer =
  | { readonly width: number; readonly height: number; readonly faces: readonly FaceAnswer[] }
  | { readonly whole: BandPrediction }
  | { readonly refused: 'TOO_LARGE' | 'UNSUPPORTED_TYPE' | 'DAMAGED_PICTURE'; readonly reason: string };
