import { describe, expect, it } from 'vitest';
import { idOf, parseTask } from './task.js';

const settings = { size: 64, template: 'similarity', margin: 0, format: 'jpeg', quality: 95, allFaces: false, minSize: 0, noFace: 'keep' };
const item = { file: 'a/b.jpg', stem: 'a/b' };
const shard = { kind: 'crop', format: 1, settings, folders: { root: '/in', out: '/out' }, items: [item] };

describe('a shard', () => {
  it('has the same name for the same content, whatever the order of its fields, and another for any other', () => {
    const id = idOf(parseTask(shard));
    expect(id).toMatch(/^crop-[0-9a-f]{40}$/);
    expect(idOf(parseTask({ ...Object.fromEntries(Object.entries(shard).toReversed()) }))).toBe(id);
    expect(idOf(parseTask({ ...shard, items: [item, { file: 'c.jpg', stem: 'c' }] }))).not.toBe(id);
    expect(idOf(parseTask({ ...shard, folders: { root: '/in', out: '/elsewhere' } }))).not.toBe(id);
  });

  it('is refused when it is not exactly one', () => {
    const many = Array.from({ length: 1001 }, () => item);
    const strange: unknown[] = [
      ...[null, 1, '', [], {}, { kind: 'crop' }, { ...shard, kind: 'eval' }, { ...shard, format: 2 }, { ...shard, more: 1 }],
      ...[{ ...shard, items: [] }, { ...shard, items: many }, { ...shard, settings: { ...settings, size: 1e9 } }],
      ...[{ ...shard, folders: { root: 'in', out: '/out' } }, { ...shard, folders: { root: '/in\0', out: '/out' } }],
      ...['../x', '/etc/passwd', 'a/../../x', './a', 'a//b', '', 'x'.repeat(5000)].map((file) => ({ ...shard, items: [{ ...item, file }] })),
      ...['..', 'a/..', '/x'].map((stem) => ({ ...shard, items: [{ ...item, stem }] })),
    ];
    for (const data of strange) expect(() => parseTask(data), JSON.stringify(data).slice(0, 200)).toThrow(/is no shard/);
  });
});
