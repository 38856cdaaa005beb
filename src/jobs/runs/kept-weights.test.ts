import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/folder.js';
import { startHttp } from '../../../test/support/http.js';
import { keepWeights } from './kept-weights.js';

const listen = (): void => undefined;
const never = new AbortController().signal;

describe('keepWeights', () => {
  it('fetches each address once, and again what is damaged or gone', async () => {
    const { origin, asked } = await startHttp((request, response) => void response.end(`weights of ${request.url!}`));
    const out = await temporaryFolder();
    const [a, b] = [`${origin}/a.h5`, `${origin}/b.h5?x=1`];
    const keep = async () => await keepWeights(out, [a, '/some/file.h5', undefined, b, a], listen, never);
    const kept = await keep();
    expect([...kept.keys()]).toEqual([a, b]);
    expect(await readFile(kept.get(b)!, 'utf8')).toBe('weights of /b.h5?x=1');
    expect(await keep()).toEqual(kept);
    expect(asked).toEqual(['/a.h5', '/b.h5?x=1']);
    await writeFile(kept.get(a)!, 'weights of /a.hX');
    await rm(kept.get(b)!);
    expect(await keep()).toEqual(kept);
    expect(await readFile(kept.get(a)!, 'utf8')).toBe('weights of /a.h5');
    expect(asked).toEqual(['/a.h5', '/b.h5?x=1', '/a.h5', '/b.h5?x=1']);
  });

  it('takes no others for them that stand there later', async () => {
    let content = 'old';
    const { origin } = await startHttp((_, response) => void response.end(content));
    const out = await temporaryFolder();
    const kept = await keepWeights(out, [origin], listen, never);
    content = 'new';
    expect(await keepWeights(out, [origin], listen, never)).toEqual(kept);
    await rm(kept.get(origin)!);
    await expect(keepWeights(out, [origin], listen, never)).rejects.toThrow(`${origin}: other weights stand there than when this job began`);
  });

  it('says which file is no list of digests, and what cannot be fetched; gives nothing after an abort', async () => {
    const { origin } = await startHttp((_, response) => void response.writeHead(404).end());
    const out = await temporaryFolder({ 'weights/digests.json': '{"a":"b"}' });
    const path = join(out, 'weights', 'digests.json');
    await expect(keepWeights(out, [origin], listen, never)).rejects.toThrow(`${path}: holds no digests of weights`);
    await rm(path);
    await expect(keepWeights(out, [origin], listen, never)).rejects.toThrow(`${origin}: cannot be fetched: the server answers 404`);
    expect(await keepWeights(out, [origin], listen, AbortSignal.abort())).toEqual(new Map());
  });
});
