// Loaded before the program (`node --import`): reading a picture of this name never ends and holds its thread, as a decoder
// does that is caught in a loop.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { readFile } = fs.promises;
fs.promises.readFile = async (path, ...more) => {
  if (String(path).endsWith('hang.jpg')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  return await readFile(path, ...more);
};
syncBuiltinESMExports();
