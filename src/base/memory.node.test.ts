import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const GLIBC = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime;

/** Pages that a process is given while it takes and frees blocks of 4 MB, one after the other. */
function pagesTaken(): number {
  const source = fileURLToPath(new URL('memory.node.ts', import.meta.url));
  const script = `
    import { keepFreedMemory } from ${JSON.stringify(source)};
    keepFreedMemory();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const take = () => new Uint8Array(new ArrayBuffer(2 ** 22)).fill(1);
    for (let count = 0; count < 20; count++) { take(); gc(); }
    const before = process.resourceUsage().minorPageFault;
    for (let count = 0; count < 20; count++) { take(); gc(); }
    console.log(process.resourceUsage().minorPageFault - before);`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', '--input-type=module', '--eval', script],
    { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  );
  expect(stderr).toBe('');
  return Number(stdout);
}

describe.skipIf(GLIBC === undefined)('keepFreedMemory', () => {
  it('has the next block made of the pages of the last', () => {
    // 20 blocks of 4 MB are 20,480 pages of 4 kB.
    expect(pagesTaken()).toBeLessThan(2000);
  });
});

describe('collectLessOften', () => {
  it('is understood by the engine', () => {
    const source = fileURLToPath(new URL('memory.node.ts', import.meta.url));
    const script = `import { collectLessOften } from ${JSON.stringify(source)}; collectLessOften();`;
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    // V8 says of a flag that it does not know that it is unrecognised, and goes on.
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
