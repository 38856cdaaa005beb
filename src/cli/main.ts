#!/usr/bin/env node
import { reportError } from './errors.js';
import { createProgram } from './program.js';

// A reader that has seen enough, as in `ageband summary baseline | head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await createProgram().parseAsync();
} catch (error) {
  reportError(error);
  process.exitCode = 1;
}
