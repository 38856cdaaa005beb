/** The binary of src/images/kernels/kernels.wat, and the file that holds it. */
import { readFileSync } from 'node:fs';
import wabt from 'wabt';

const SOURCE = new URL('../../src/images/kernels/kernels.wat', import.meta.url);

/** Where the binary stands, in base64. */
export const BINARY = new URL('../../src/images/kernels/binary.ts', import.meta.url);

/**
 * What belongs in {@link BINARY}.
 * @throws an error of the assembler, with line and column
 */
export async function assemble(): Promise<string> {
  const tools = await wabt();
  const module = tools.parseWat('kernels.wat', readFileSync(SOURCE), { simd: true });
  module.validate();
  const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
  return `/** kernels.wat, assembled by \`npm run kernels\`. */\nexport const BINARY =\n  '${base64}';\n`;
}
