import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from '../../test/support/folder.js';
import { Journal } from './journal.js';

const schema = z.object({ item: z.string() });

async function reopened(path: string): Promise<string[]> {
  const journal = await Journal.open(path, schema);
  await journal.close();
  return journal.entries.map(({ item }) => item);
}

describe('Journal', () => {
  it('gives back what was written, over several openings', async () => {
    const path = join(await temporaryFolder(), 'journal.jsonl');
    for (const item of ['ä', 'b\n"c"']) {
      const journal = await Journal.open(path, schema);
      await journal.append({ item });
      await journal.close();
    }
    expect(await reopened(path)).toEqual(['ä', 'b\n"c"']);
  });

  it('passes over a torn last line and writes the next one on a line of its own', async () => {
    const path = join(await temporaryFolder({ 'journal.jsonl': '{"item":"a"}\n{"item":"ü' }), 'journal.jsonl');
    const journal = await Journal.open(path, schema);
    expect(journal.entries).toEqual([{ item: 'a' }]);
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

  it('says which file cannot be opened', async () => {
    const path = join(await temporaryFolder(), 'none', 'journal.jsonl');
    await expect(Journal.open(path, schema)).rejects.toThrow(`${path}: cannot be written: no such file or folder`);
  });
});
