import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

// The files below do not exist, so the rules that ask for types are off; those of the layers read text alone.
const eslint = new ESLint({
  overrideConfig: tseslint.configs.disableTypeChecked,
  ruleFilter: ({ ruleId }) => ruleId.startsWith('no-restricted-'),
});

/** What the project's linter says of `source` as the file `path`. */
async function complaints(path: string, source: string): Promise<string[]> {
  const results = await eslint.lintText(source, { filePath: path });
  return results.flatMap((result) => result.messages.map(({ message }) => message));
}

const named = (path: string): string => `import { x } from '${path}';\nexport const y = x;\n`;

describe('the layering of src/', () => {
  it.each([
    ['src/nn/layers.ts', '../graph/graph.js'],
    ['src/nn/layers.ts', './losses.js'],
    ['src/cli/commands/train.ts', '../../training/train.js'],
    ['src/explain/overlay.ts', '../images/augment.js'],
    ['src/runtime/session.node.ts', 'onnxruntime-node'],
    ['src/index.ts', './cli/main.js'],
    ['src/nn/layers.test.ts', '../runtime/session.node.js'],
  ])('lets %s import %s', async (file, imported) => {
    expect(await complaints(file, named(imported))).toEqual([]);
  });

  it.each([
    ['src/graph/graph.ts', '../nn/layers.js'],
    ['src/graph/operators/pooling.ts', '../../runtime/session.node.js'],
    ['src/data/split.ts', '../training/train.js'],
    ['src/training/train.ts', '../cli/progress.js'],
    ['src/training/train.ts', '../index.js'],
  ])('refuses that %s imports %s, which lies above', async (file, imported) => {
    expect(await complaints(file, named(imported))).not.toEqual([]);
  });

  it('refuses every way to write an upward import', async () => {
    const ways = [
      `import type { X } from '../nn/layers.js';\nexport type Y = X;\n`,
      `export * from '../nn/layers.js';\n`,
      `export const layers = await import('../nn/layers.js');\n`,
      `export type Layers = import('../nn/layers.js').Layers;\n`,
    ];
    for (const way of ways) expect(await complaints('src/graph/graph.ts', way), way).toHaveLength(1);
  });
});

describe('folders that run in the browser', () => {
  it.each(['node:fs', 'sharp', 'worker_threads', './decode.node.js'])(
    'refuse %s outside *.node.ts',
    async (imported) => {
      expect(await complaints('src/images/augment.ts', named(imported))).toHaveLength(1);
      expect(await complaints('src/images/decode.node.ts', named(imported))).toEqual([]);
    },
  );

  it('are refused the folders that only run in Node', async () => {
    expect(await complaints('src/explain/overlay.ts', named('../training/train.js'))).toHaveLength(1);
  });

  it('do not bind those that only run in Node', async () => {
    expect(await complaints('src/training/checkpoints.ts', named('node:fs/promises'))).toEqual([]);
  });
});

it('ONNX Runtime is touched by src/runtime alone', async () => {
  expect(await complaints('src/training/train.ts', named('onnxruntime-node'))).toHaveLength(1);
});

it('a file of more than 300 lines is refused', async () => {
  const lengthy = new ESLint({
    overrideConfig: tseslint.configs.disableTypeChecked,
    ruleFilter: ({ ruleId }) => ruleId === 'max-lines',
  });
  const [result] = await lengthy.lintText('export {};\n'.repeat(301), { filePath: 'src/base/long.ts' });
  expect(result?.errorCount).toBe(1);
});
