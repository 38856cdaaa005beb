import type { Problem } from '../data/sample.js';

/** A problem as compilers print theirs: `file:line: reason`. */
export function problemText({ file, line, reason }: Problem): string {
  return line === undefined ? `${file}: ${reason}` : `${file}:${line}: ${reason}`;
}
