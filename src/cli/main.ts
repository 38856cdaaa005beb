#!/usr/bin/env node
import '../runtime/telemetry.node.js';
import { endWithReader } from './closed-pipe.js';
import { reportError } from './errors.js';
import { createProgram } from './program.js';

endWithReader(process.stdout);

try {
  await createProgram().parseAsync();
} catch (error) {
  reportError(error);
  process.exitCode = 1;
}
