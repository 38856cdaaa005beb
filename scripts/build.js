/** Compiles src/ to dist/ from scratch. */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
try {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
} catch {
  process.exit(1); // the compiler has said what is wrong
}
chmodSync('dist/cli/main.js', 0o755);
