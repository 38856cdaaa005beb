/**
 * A report as plain values. It is written down once, and shown as a page and as Markdown; only those two know how a text
 * has to be escaped, so what comes from files (names, labels, reasons) stands here as it is.
 */

export interface Document {
  readonly title: string;
  /** A line or two below the title. */
  readonly lead: readonly string[];
  readonly sections: readonly Section[];
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export type Block = Text | Notice | Figures | Table | Plots | Code | Pictures;

export interface Text {
  readonly kind: 'text';
  readonly text: string;
}

/** Something that the reader must not miss. */
export interface Notice {
  readonly kind: 'notice';
  readonly text: string;
}

/** A few numbers in large letters. */
export interface Figures {
  readonly kind: 'figures';
  readonly figures: readonly Figure[];
}

export interface Figure {
  readonly label: string;
  readonly value: string;
  /** What stands below the value in small letters, such as its interval. */
  readonly note?: string;
}

export interface Column {
  readonly heading: string;
  readonly align: 'left' | 'right';
}

/** A table whose first column names its rows. */
export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** Plots that stand beside each other where there is room. */
export interface Plots {
  readonly kind: 'plots';
  readonly plots: readonly Plot[];
}

export interface Plot {
  /** Lower-case letters and hyphens; unique in the document. */
  readonly name: string;
  /** As `renderSvg` gives it. */
  readonly svg: string;
  /** What the plot shows, for those who cannot see it. */
  readonly description: string;
  /** The same in numbers. */
  readonly tables?: readonly Table[];
  /** Whether its colours are a scale from white on: a dark page shows the negative. */
  readonly shaded?: boolean;
}

/** Lines to be typed or copied. */
export interface Code {
  readonly kind: 'code';
  readonly text: string;
}

export interface Pictures {
  readonly kind: 'pictures';
  readonly pictures: readonly CaptionedPicture[];
}

/** A picture, or several views of it side by side, with a caption. */
export interface CaptionedPicture {
  readonly views: readonly { readonly image: Image; readonly description: string }[];
  readonly caption: readonly string[];
}

/** The bytes of a picture file. */
export interface Image {
  readonly bytes: Uint8Array;
  readonly type: 'jpeg' | 'png';
}

export const text = (content: string): Text => ({ kind: 'text', text: content });
export const notice = (content: string): Notice => ({ kind: 'notice', text: content });

/**
 * A table from its headings: the first column stands to the left, the others to the right unless they are named.
 * @param left headings of the columns that stand to the left as well
 */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly string[] = [],
): Table {
  const columns = headings.map((heading, index): Column => ({
    heading,
    align: index === 0 || left.includes(heading) ? 'left' : 'right',
  }));
  return { kind: 'table', caption, columns, rows };
}
