/**
 * Trains the built-in model from nothing but UTKFace and the weights of dlib's face recognition network, in one command,
 * which goes on where it stood when it is given again:
 *
 *   npm run train:age-model -- UTKFACE WORK
 *
 * UTKFACE holds index.csv (columns file, age, gender, group_id) and images/; WORK is the folder for all that is made.
 * Faces between two bands are kept: their ages are learnt. The test split is looked at by the last step alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [source, work] = process.argv.slice(2);
if (source === undefined || work === undefined) {
  console.error('usage: npm run train:age-model -- UTKFACE WORK');
  process.exit(1);
}
mkdirSync(work, { recursive: true });
const images = join(source, 'images');
const at = (name) => join(work, name);

function node(...words) {
  const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function ageband(...words) {
  console.log(`\n$ ageband ${words.join(' ')}\n`);
  node('dist/cli/main.js', ...words);
}

const RECIPE = 'scripts/age-model/recipe.json';
const SHARES = ['--train', '0.8', '--valid', '0.08', '--test', '0.12', '--seed', '7'];
const { alignment, alignmentMargin, imageSize } = JSON.parse(readFileSync(RECIPE, 'utf8'));
const CROPS = ['--template', alignment, '--margin', String(alignmentMargin), '--size', String(imageSize)];

if (!existsSync(at('split.csv'))) {
  ageband('data', 'csv', join(source, 'index.csv'), '--root', images, '--between', 'nearest', '--out', at('faces.csv'));
  ageband('split', at('faces.csv'), '--root', images, ...SHARES, '--out', at('split.csv'));
}
ageband('crop', at('split.csv'), at('faces'), '--root', images, ...CROPS);
if (!existsSync(at('start.safetensors'))) {
  node('node_modules/tsx/dist/cli.mjs', 'scripts/age-model/start.ts', at('start.safetensors'));
}
const faces = join(at('faces'), 'manifest.csv');
/** Trains a run, or goes on with it. */
function train(run, ...words) {
  if (!existsSync(run)) ageband(...words, '--out', run);
  else if (!existsSync(join(run, 'model.onnx'))) ageband('train', '--resume', '--out', run);
}
train(at('first'), 'train', faces, '--config', RECIPE, '--weights', at('start.safetensors'));
// A second, gentler round.
const AGAIN = ['--epochs', '10', '--learning-rate', '0.00025', '--seed', '2'];
const run = at('run');
train(run, 'fine-tune', at('first'), faces, ...AGAIN);
// Pictures that differ can have crops that are alike: 2 of 1,659 and 4 of 2,485 are, and the figures say so.
const ALLOW = '--allow-leaks';
// The last weights, whatever the losses: in this round that of the bands rises while years and bands are still told better.
const LAST = ['--checkpoint', 'last'];
const model = at('model.onnx');
ageband('evaluate', run, ...LAST, '--calibrate', '--by', 'gender', '--plots', at('plots'), ALLOW);
ageband('export', run, model, ...LAST, '--eight-bits');
// What the rounding of the weights costs, on the same pictures.
ageband('evaluate', model, faces, '--split', 'test', '--by', 'gender', ALLOW);
console.log(`\nThe built-in model is this file, as models/age/model.onnx: ${model}`);
