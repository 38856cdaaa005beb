import type { Analysis, Subject } from '../engine/messages.js';

/** A photo that the page shows. It is kept in the memory of the page alone. */
export interface Photo {
  readonly key: number;
  readonly name: string;
  readonly file: Blob;
  /** Address of the file for `img`, of this page alone. */
  readonly address: string;
  readonly result: Result;
}

export type Result =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'read'; readonly analysis: Analysis; readonly isWhole: boolean };

export function subjectsOf({ result }: Photo): readonly Subject[] {
  return result.kind === 'read' ? result.analysis.subjects : [];
}

/** `3 faces` */
export function countText(count: number): string {
  return count === 1 ? '1 face' : `${count} faces`;
}

/** What became of a photo, in a sentence. */
export function resultText({ name, result }: Photo): string {
  switch (result.kind) {
    case 'waiting':
      return `${name}: looking for faces …`;
    case 'failed':
      return `${name}: ${result.message}`;
    case 'read':
      return result.isWhole
        ? `${name}: taken as a whole.`
        : result.analysis.subjects.length === 0
          ? `${name}: no face was found.`
          : `${name}: ${countText(result.analysis.subjects.length)} found.`;
  }
}
