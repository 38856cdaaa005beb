import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from '../../test/support/folder.js';
import { Journal } from './journal.js';

const schema = z.object({ item: z.string() });

const unheard = (): void => undefined;

async function reopened(path: string): Promise<string[]> {
  const items: string[] = [];
  const journal = await Journal.open(path, schema, ({ item }) => items.push(item));
  await journal.close();
  return items;
}

describe('Journal', () => {
  it('gives back what was written, over several openings', async () => {
    const path = join(await temporaryFolder(), 'journal.jsonl');
    for (const item of ['ä', 'b\n"c"']) {
      const journal = await Journal.open(path, schema, unheard);
      await journal.append({ item });
      await journal.close();
    }
    expect(await reopened(path)).toEqual(['ä', 'b\n"c"']);
  });

  it('passes over a torn last line and writes the next one on a line of its own', async () => {
    const path = join(await temporaryFolder({ 'journal.jsonl': '{"item":"a"}\n{"item":"ü' }), 'journal.jsonl');
    const entries: unknown[] = [];
    const journal = await Journal.open(path, schema, (entry) => entries.push(entry));
    expect(entries).toEqual([{ item: 'a' }]);
    await journal.append({ item: 'c' });
    await journal.close();
    expect(await readFile(path, 'utf8')).toBe('{"item":"a"}\n{"item":"c"}\n');
  });

  it('passes over damage in the middle', async () => {
    const path = join(await temporaryFolder(), 'journal.jsonl');
    await writeFile(path, '{"item":"a"}\n\0\0\0\n{"item":7}\n[]\n');
    await appendFile(path, '{"item":"b"}\n');
    expect(await reopened(path)).toEqual(['a', 'b']);
  });

  it('reads lines that are longer than what is read at once, and many of them', async () => {
    const long = 'ö'.repeat(1_500_000);
    const items = [long, ...Array.from({ length: 70_000 }, (_, index) => `item ${index}`), long];
    const path = join(await temporaryFolder(), 'journal.jsonl');
    await writeFile(path, `${items.map((item) => JSON.stringify({ item })).join('\n')}\n{"item":"torn`);
    expect(await reopened(path)).toEqual(items);
    expect(await reopened(path)).toEqual(items);
  });

  it('reads single entries, old and new, in any order, also those longer than what is read at once', async () => {
    const items = ['a', 'ö'.repeat(200_000), 'b', 'c'.repeat(131_072), 'd'];
    const path = join(await temporaryFolder(), 'journal.jsonl');
    await writeFile(path, `${items.map((item) => JSON.stringify({ item })).join('\n')}\n{"item":"torn`);
    const places: number[] = [];
    const journal = await Journal.open(path, schema, (_, place) => places.push(place));
    expect(journal.read(places[4]!)).toEqual({ item: 'd' });
    const more = ['e', 'f'.repeat(300_000), 'ü'];
    places.push(...(await journal.appendAll(more.map((item) => ({ item })))), ...(await journal.appendAll([{ item: 'g' }])));
    const all = [...items, ...more, 'g'];
    for (const index of [8, 4, 5, 0, 1, 2, 3, 6, 7, 0, 8]) expect(journal.read(places[index]!)).toEqual({ item: all[index] });
    await journal.close();
    expect(await reopened(path)).toEqual(all);
  });

  it('says when what stood there is gone', async () => {
    const path = join(await temporaryFolder({ 'journal.jsonl': '{"item":"a"}\n{"item":"b"}\n' }), 'journal.jsonl');
    const journal = await Journal.open(path, schema, unheard);
    await writeFile(path, '{"item":"a"}');
    expect(() => journal.read(13)).toThrow(`${path}: holds no entry at byte 13 any more`);
    await journal.close();
  });

  it('says which file cannot be opened', async () => {
    const path = join(await temporaryFolder(), 'none', 'journal.jsonl');
    await expect(Journal.open(path, schema, unheard)).rejects.toThrow(`${path}: cannot be written: no such file or folder`);
  });
});
