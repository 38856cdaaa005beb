import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** What `npm pack` says of the package. */
interface Packed {
  filename: string;
  files: { path: string }[];
}

let folder: string;
let packed: Packed;

/** Runs an npm command, in the empty folder if not told otherwise, and returns what it prints. */
function npm(words: readonly string[], cwd = folder): string {
  return execFileSync('npm', words, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ageband-package-'));
  [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], process.cwd())) as [Packed];
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  npm(['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.filename)]);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('holds what users need and nothing else', () => {
  const paths = packed.files.map(({ path }) => path);
  const known = /^(dist\/.*\.(js|d\.ts)|dist\/web\/(index\.html|licences\.txt|assets\/.*\.(m?js|css|wasm|ttf|svg))|examples\/.*|models\/(README\.md|age\/model\.onnx|faces\/(.*\.onnx|NOTICE|LICENSE))|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
  expect(paths.filter((path) => !known.test(path))).toEqual([]);
  expect(paths.filter((path) => path.includes('.test.'))).toEqual([]);
  expect(paths).toEqual(
    expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'dist/index.js', 'dist/web/index.html', 'models/age/model.onnx', 'models/faces/mesh.onnx']),
  );
});

it('runs as a command in the folder that it is installed in', () => {
  expect(npm(['exec', '--offline', '--', 'ageband', '--help'])).toContain('Usage: ageband');
});

it('is imported as a library', () => {
  const script = `import * as ageband from 'ageband';\nconsole.log(Object.keys(ageband).join(' '));\n`;
  writeFileSync(join(folder, 'probe.js'), script);
  const names = execFileSync(process.execPath, ['probe.js'], { cwd: folder, encoding: 'utf8' }).trim().split(' ');
  expect(names).toEqual(expect.arrayContaining(['cropPictures', 'train', 'classify', 'openClassifier', 'evaluateRun', 'exportRun']));
});

it('computes in the folder that it is installed in', () => {
  const portrait = join('node_modules', 'ageband', 'examples', 'portrait.jpg');
  expect(npm(['exec', '--offline', '--', 'ageband', 'predict', portrait])).toMatch(/portrait\.jpg: (25-32|38-43), about \d+ years/);
});
