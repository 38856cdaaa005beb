import type { WriteStream } from 'node:tty';

/** Where text goes: a terminal, a pipe or a file. */
export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'hasColors' | 'columns'>>;

const CODES = { bold: ['\u001b[1m', '\u001b[22m'], red: ['\u001b[31m', '\u001b[39m'] } as const;

/** `text` in a style where the output shows styles; a terminal with `NO_COLOR` set, a pipe and a file do not. */
export function styled(style: keyof typeof CODES, text: string, output: Output): string {
  const [on, off] = CODES[style];
  return output.hasColors?.() === true ? `${on}${text}${off}` : text;
}

/** An integer with commas between the thousands: `51,980,936`. */
export function withCommas(count: number): string {
  return count.toLocaleString('en-GB');
}

/** `1 picture`, `2 pictures`, `1,200 pictures`. */
export function counted(count: number, noun: string): string {
  return `${withCommas(count)} ${noun}${count === 1 ? '' : 's'}`;
}
