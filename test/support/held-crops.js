// Loaded before the program (`node --import`): each thread gives five crops their names and no more until there is the file
// that AGEBAND_TEST_GO names, so that a test finds the job in the middle however long it takes to look.
import fs from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { syncBuiltinESMExports } from 'node:module';

const { rename } = fs.promises;
let crops = 0;
fs.promises.rename = async (from, to) => {
  if (String(to).endsWith('.jpg') && crops++ >= 5) {
    while (!fs.existsSync(process.env.AGEBAND_TEST_GO)) await setTimeout(20);
  }
  await rename(from, to);
};
syncBuiltinESMExports();
