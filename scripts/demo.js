/** The main job: tells the band of a face in a photo, shows why, and opens the page where any photo can be dropped. */
import { spawnSync } from 'node:child_process';

function ageband(...words) {
  console.log(`\n$ ageband ${words.join(' ')}\n`);
  const { status } = spawnSync(process.execPath, ['dist/cli/main.js', ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

ageband('predict', 'examples/portrait.jpg');
ageband('explain', 'examples/portrait.jpg', '--out', 'runs/explained');
// Where nobody sits at a terminal, nobody could end the server.
if (process.stdout.isTTY) ageband('serve', '--open');
else console.log('\nAt a terminal the page opens now: node dist/cli/main.js serve --open');
