/** Compiles src/ to dist/ from scratch, bundles the page to dist/web/, and makes the networks in models/faces/. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';

function run(...words) {
  execFileSync(process.execPath, words, { stdio: 'inherit' });
}

rmSync('dist', { recursive: true, force: true });
try {
  run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
  run('node_modules/vite/bin/vite.js', 'build', 'web');
  run('node_modules/tsx/dist/cli.mjs', 'scripts/face-models/build.ts');
} catch {
  process.exit(1); // the program has said what is wrong
}
chmodSync('dist/cli/main.js', 0o755);
