/** A run from end to end: trains a small network on the drawn faces, measures it, and tells the bands of two pictures. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const RUN = 'runs/demo';

function ageband(...words) {
  console.log(`\n$ ageband ${words.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, ['dist/cli/main.js', ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

// Batch norm's moving statistics need about a thousand steps to forget where they started, hence the small batches.
rmSync(RUN, { recursive: true, force: true });
ageband(
  ...['train', 'examples/faces', '--out', RUN, '--image-size', '40', '--train', '0.75', '--valid', '0.125'],
  ...['--test', '0.125', '--batch-size', '4', '--epochs', '25', '--optimiser', 'adamw', '--learning-rate', '0.0001'],
  ...['--schedule', 'cosine', '--no-augment'],
);
// The drawings of a band are much alike, so some count as near copies of each other.
ageband('evaluate', RUN, 'examples/faces', '--split', 'test', '--allow-leaks');
ageband('predict', '--model', RUN, 'examples/faces/4-6/01.jpg', 'examples/portrait.jpg');
console.log('\nThe network has seen nothing but drawings: what it says of the photo of a real face is a guess.');
