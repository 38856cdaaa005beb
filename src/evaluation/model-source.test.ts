import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedFolder, writeRun } from '../../test/support/training.js';
import { ConfigError, FileError, FormatError } from '../base/errors.js';
import { Graph } from '../graph/graph.js';
import { softmax } from '../graph/operators/index.js';
import { serialise } from '../graph/serialise.js';
import { runModel } from '../training/export.js';
import { loadModel } from './model-source.js';

const folder = sharedFolder();
let run: string;

beforeAll(async () => {
  run = (await writeRun(join(folder.path, 'run'), 'faces', ['a', 'b', 'c'])).path;
});

/** Writes an ONNX file with this metadata and returns its path. */
async function fileWith(metadata: Record<string, string>): Promise<string> {
  const graph = new Graph();
  graph.output('probabilities', softmax(graph.input('images', 'float32', [1, 3])));
  const file = join(folder.path, 'model.onnx');
  await writeFile(file, serialise(graph, { metadata }));
  return file;
}

describe('loadModel', () => {
  it('loads the best or the last weights of a run', async () => {
    const best = await loadModel(run);
    expect(best).toMatchObject({ classes: ['a', 'b', 'c'], imageSize: 37 });
    expect(Buffer.compare(best.bytes, await runModel(run, { checkpoint: 'best' }))).toBe(0);
    const last = await loadModel(run, 'last');
    expect(Buffer.compare(last.bytes, await runModel(run, { checkpoint: 'last' }))).toBe(0);
  });

  it('loads an exported file', async () => {
    const file = await fileWith({ 'ageband.classes': '["0-2","60+"]', 'ageband.image_size': '227' });
    expect(await loadModel(file)).toMatchObject({ classes: ['0-2', '60+'], imageSize: 227 });
  });

  it('says when there is no such model', async () => {
    const loading = loadModel(join(folder.path, 'nowhere.onnx'));
    await expect(loading).rejects.toThrow(FileError);
    await expect(loading).rejects.toThrow(/nowhere\.onnx: there is no such model$/);
    await expect(loadModel(folder.path)).rejects.toThrow(ConfigError);
  });

  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['random bytes', Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 7919) % 256))],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
  ])('refuses %s', async (_name, content) => {
    const file = join(folder.path, 'strange.onnx');
    await writeFile(file, content);
    await expect(loadModel(file)).rejects.toThrow(FormatError);
    await expect(loadModel(file)).rejects.toThrow(/strange\.onnx: is no ONNX model/);
  });

  const classes = '["a","b"]';
  it.each([
    ['nothing', {}],
    ['no classes', { 'ageband.image_size': '64' }],
    ['no picture size', { 'ageband.classes': classes }],
    ['classes that are no JSON', { 'ageband.classes': 'a, b', 'ageband.image_size': '64' }],
    ['classes that are no list', { 'ageband.classes': '{"length":2}', 'ageband.image_size': '64' }],
    ['classes that are no words', { 'ageband.classes': '[1,2]', 'ageband.image_size': '64' }],
    ['a single class', { 'ageband.classes': '["a"]', 'ageband.image_size': '64' }],
    ['the same class twice', { 'ageband.classes': '["a","a"]', 'ageband.image_size': '64' }],
    ['a million classes', { 'ageband.classes': JSON.stringify(Array(1e6).fill('a')), 'ageband.image_size': '64' }],
    ['an empty picture size', { 'ageband.classes': classes, 'ageband.image_size': '' }],
    ['a negative picture size', { 'ageband.classes': classes, 'ageband.image_size': '-64' }],
    ['half a pixel', { 'ageband.classes': classes, 'ageband.image_size': '64.5' }],
    ['pictures that fill the memory', { 'ageband.classes': classes, 'ageband.image_size': '1e9' }],
    ['a picture size that is no number', { 'ageband.classes': classes, 'ageband.image_size': 'NaN' }],
  ])('refuses metadata with %s', async (_name, metadata) => {
    const file = await fileWith(metadata);
    await expect(loadModel(file)).rejects.toThrow(FormatError);
    await expect(loadModel(file)).rejects.toMatchObject({ hint: expect.stringContaining('ageband export') as string });
  });
});
