/** `npm run soak`: a thousand steps with forty kills. Numbers after it are the steps, the kills and the seed of the moments. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { soak } from './soak.js';

const [steps = 1000, kills = 40, seed = randomInt(2 ** 31)] = process.argv.slice(2).map(Number);
console.log(`${steps} steps, ${kills} kills, seed ${seed}`);
const folder = await mkdtemp(join(tmpdir(), 'ageband-soak-'));
const { undisturbed, disturbed, ends } = await soak({ folder, steps, kills, seed, tell: (line) => console.log(line) });
const isSame = isDeepStrictEqual(disturbed, undisturbed);
console.log(`${ends.length} kills; ${isSame ? 'the same' : 'NOT the same'} weights, optimiser state, model and history; ${Object.keys(undisturbed.tensors).length} tensors`);
if (isSame) await rm(folder, { recursive: true });
else console.log(`both runs are kept in ${folder}`);
process.exitCode = isSame ? 0 : 1;
