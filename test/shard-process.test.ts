import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { looksSchema } from '../src/jobs/crop/settings.js';
import type * as Places from '../src/jobs/queue/allowed-places.js';
import type * as Doer from '../src/jobs/queue/task-doer.js';
import { photos } from './support/photos.js';

// The process of shards is started from what was built.
const built = async (path: string): Promise<unknown> => await import(pathToFileURL(join('dist', path)).href);

/** The processes that this one has started; only Linux tells. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

it.skipIf(process.platform !== 'linux')('a worker goes on in another process when that of its shards has died between two of them', async () => {
  const { root, source, out } = await photos();
  await mkdir(out);
  const { AllowedPlaces } = (await built('jobs/queue/allowed-places.js')) as typeof Places;
  const { TaskDoer } = (await built('jobs/queue/task-doer.js')) as typeof Doer;
  // Ten seconds without a picture are given up.
  const doer = new TaskDoer(await AllowedPlaces.open([root], [root]), 1, 10);
  onTestFinished(() => doer.close());
  const task = (file: string) => ({
    ...{ kind: 'crop', format: 1, settings: looksSchema.parse({}), folders: { root: source, out } } as const,
    items: [{ file, stem: file.replace('.', '-') }],
  });
  const before = await childrenOf(process.pid);
  expect(await doer.do(task('portrait.jpg'))).toMatchObject([{ file: 'portrait.jpg', faces: 1 }]);
  const [shards] = (await childrenOf(process.pid)).filter((pid) => !before.includes(pid));
  process.kill(shards!, 'SIGKILL');
  // It stays a zombie until Node has asked for its end.
  while (existsSync(`/proc/${shards!}`)) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await doer.do(task('portrait.png'))).toMatchObject([{ file: 'portrait.png', faces: 1 }]);
});
