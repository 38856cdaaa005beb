import type { WriteStream } from 'node:tty';

export { counted, withCommas } from '../base/counts.js';

/** Where text goes: a terminal, a pipe or a file. */
export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'hasColors' | 'columns'>>;

const CODES = { bold: ['\u001b[1m', '\u001b[22m'], red: ['\u001b[31m', '\u001b[39m'] } as const;

/** `text` in a style where the output shows styles; a terminal with `NO_COLOR` set, a pipe and a file do not. */
export function styled(style: keyof typeof CODES, text: string, output: Output): string {
  const [on, off] = CODES[style];
  return output.hasColors?.() === true ? `${on}${text}${off}` : text;
}
