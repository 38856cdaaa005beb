/** Assembles src/images/kernels/kernels.wat. Its test sees to it that this is not forgotten. */
import { writeFileSync } from 'node:fs';
import { assemble, BINARY } from './assemble.js';

writeFileSync(BINARY, await assemble());
