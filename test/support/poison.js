// Loaded before the program (`node --import`): reading a picture of this name kills the process, as a fault in the
// decoder's native code would.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { readFile } = fs.promises;
fs.promises.readFile = async (path, ...more) => {
  if (String(path).endsWith('poison.jpg')) process.kill(process.pid, 'SIGKILL');
  return await readFile(path, ...more);
};
syncBuiltinESMExports();
