import { plainText } from '../base/plain-text.js';
import type { Problem } from '../data/sample.js';
import { counted } from './style.js';

const PROBLEMS_SHOWN = 5;

/** A problem as compilers print theirs: `file:line: reason`, whatever stands in the names of files and objects. */
export function problemText({ file, line, reason }: Problem): string {
  return plainText(line === undefined ? `${file}: ${reason}` : `${file}:${line}: ${reason}`);
}

/** The first few problems, a line each, how many more there are, and the file that lists all. */
export function firstProblems(problems: readonly Problem[], list?: string): string[] {
  const more = problems.length - PROBLEMS_SHOWN;
  const lines = problems.slice(0, PROBLEMS_SHOWN).map(problemText);
  return more > 0 ? [...lines, `and ${counted(more, 'more problem')}${list === undefined ? '' : `, all in ${list}`}`] : lines;
}
