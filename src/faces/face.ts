/** A place in a picture, in pixels; whole numbers are the centres of pixels, (0, 0) is that of the top left one. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** An upright rectangle, in pixels. It may reach beyond the picture. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What a face is like as material for a classifier. */
export interface FaceQuality {
  /** Side in pixels of the square that has the area of the face's box. */
  readonly size: number;
  /** Standard deviation of the Laplacian of the face, brought to one size, in levels of 0..255: low when blurred. */
  readonly sharpness: number;
  /** Degrees by which the head is turned to its left (positive) or right; 0 looks into the camera. */
  readonly yaw: number;
  /** Degrees by which the head is tilted down (positive) or up; 0 looks into the camera. */
  readonly pitch: number;
  /** How much of the box lies inside the picture, 0..1. */
  readonly inside: number;
}

/** One face that was found in a picture. */
export interface Face {
  /** Around the face's points. */
  readonly box: Box;
  /** How sure the detector is, 0..1. */
  readonly score: number;
  /** How sure the landmark network is that it sees a face, 0..1. */
  readonly presence: number;
  /** The 468 points of MediaPipe's Face Mesh, in its order. */
  readonly points: readonly Point[];
  /** The 68 points of the iBUG 300-W scheme, which dlib uses, in its order and as dlib places them. */
  readonly landmarks: readonly Point[];
  /** Degrees by which the face is turned clockwise in the picture, -180..180: 0 is upright, 180 upside down. */
  readonly roll: number;
  readonly quality: FaceQuality;
}
