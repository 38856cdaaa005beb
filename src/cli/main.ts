#!/usr/bin/env node
import '../runtime/telemetry.node.js';
import { reportError } from './errors.js';
import { createProgram } from './program.js';

// A reader that has seen enough, as in `ageband summary baseline | head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Not `process.exit`, which ends in a crash where a thread is just computing with ONNX Runtime.
  if (error.code === 'EPIPE') process.kill(process.pid, 'SIGKILL');
  throw error;
});

try {
  await createProgram().parseAsync();
} catch (error) {
  reportError(error);
  process.exitCode = 1;
}
