import type { Problem } from '../data/sample.js';

/** A problem as compilers print theirs: `file:line: reason`. */
export function problemText({ file, line, reason }: Problem): string {
  return line === undefined ? `${file}: ${reason}` : `${file}:${line}: ${reason}`;
}

const PROBLEMS_SHOWN = 5;

/** The first few of many problems, as lines below a heading. */
export function firstProblems(problems: readonly Problem[]): string[] {
  const lines = problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${problemText(problem)}`);
  return problems.length > PROBLEMS_SHOWN ? [...lines, '  ...'] : lines;
}
