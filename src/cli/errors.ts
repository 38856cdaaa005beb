import { AgebandError } from '../base/errors.js';
import { styled, type Output } from './style.js';

/** Tells people what went wrong: a mistake of theirs in a sentence, a mistake of ours with everything we know. */
export function reportError(error: unknown, output: Output = process.stderr): void {
  const label = styled('red', 'error:', output);
  if (error instanceof AgebandError) {
    output.write(`${label} ${error.message}\n`);
    if (error.hint !== undefined) output.write(`hint: ${error.hint}\n`);
    return;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.write(`${label} this is a bug in ageband. Please report it with these lines:\n${details}\n`);
}
