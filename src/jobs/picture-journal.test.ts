import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from '../../test/support/folder.js';
import { PictureJournal } from './picture-journal.js';

const schema = z.object({ file: z.string(), note: z.string() });
const FILES = ['a', 'b', 'c', 'd'];
const indexOf = (file: string): number | undefined => (FILES.includes(file) ? FILES.indexOf(file) : undefined);
const entry = (file: string, note: string) => ({ file, note });

async function open(path: string) {
  return await PictureJournal.open(path, schema, FILES.length, indexOf);
}

describe('PictureJournal', () => {
  it('gives the last result of each picture, in the order of the pictures, whatever their order in the file', async () => {
    const lines = [entry('c', '1'), entry('a', '1'), entry('strange', '1'), entry('c', '2')].map((line) => `${JSON.stringify(line)}\n`);
    const path = join(await temporaryFolder({ 'journal.jsonl': lines.join('') }), 'journal.jsonl');
    const results = await open(path);
    expect(results.size).toBe(2);
    expect([...results]).toEqual([entry('a', '1'), entry('c', '2')]);
    expect([...results.superseded()]).toEqual([entry('strange', '1'), entry('c', '1')]);
    expect([results.has(1), results.at(1), results.at(2)]).toEqual([false, undefined, entry('c', '2')]);

    results.drop(0);
    results.drop(0);
    expect([results.size, results.at(0)]).toEqual([1, undefined]);
    await results.add([entry('d', '1'), entry('a', '2')], indexOf);
    expect([...results]).toEqual([entry('a', '2'), entry('c', '2'), entry('d', '1')]);
    expect([...results.superseded()]).toEqual([entry('strange', '1'), entry('c', '1'), entry('a', '1')]);
    await results.close();
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(7);

    const again = await open(path);
    expect([...again]).toEqual([entry('a', '2'), entry('c', '2'), entry('d', '1')]);
    await again.close();
  });
});
