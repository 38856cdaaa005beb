/** The parts of a data set: to learn from, to choose by, and to judge by. */
export type Split = 'train' | 'valid' | 'test';

/** One labelled picture. */
export interface Sample {
  /** Absolute path. */
  readonly file: string;
  /** Index into the classes of the data set. */
  readonly label: number;
  /** Years, where they are known. */
  readonly age?: number;
  /** Pictures of one group (a subject, an album, near-copies) must stay in the same split. */
  readonly group?: string;
  readonly split?: Split;
  /** The part of a cross-validation that it belongs to, as a manifest names it. */
  readonly fold?: string;
}

/** Something that was left out, and why. */
export interface Problem {
  /** The file or folder that it is about. */
  readonly file: string;
  /** The line, counted from 1, when the file is a text. */
  readonly line?: number;
  readonly reason: string;
}

/** Labelled pictures and what they are labelled with. */
export interface Dataset {
  /** Absolute path of the folder or manifest that was opened. */
  readonly root: string;
  readonly kind: 'split-folders' | 'class-folders' | 'manifest';
  /** Names of the classes; labels are indices into this list. */
  readonly classes: readonly string[];
  readonly samples: Sample[];
  /** What was left out while reading. */
  readonly problems: Problem[];
}
