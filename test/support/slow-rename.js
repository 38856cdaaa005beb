// Loaded before the program (`node --import`): the checkpoint of the first epoch gets its name only when another worker has
// done three epochs, as on a file system that hangs between the check of the lease and the renaming.
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { syncBuiltinESMExports } from 'node:module';

const { rename, readFile } = fs.promises;
let checkpoints = 0;
fs.promises.rename = async (from, to) => {
  if (String(to).endsWith('last.safetensors') && checkpoints++ === 1) {
    const history = join(dirname(dirname(to)), 'history.jsonl');
    while ((await readFile(history, 'utf8')).split('\n').length <= 3) await setTimeout(20);
  }
  await rename(from, to);
};
syncBuiltinESMExports();
