import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedFolder, writeRun } from '../../test/support/training.js';
import { ConfigError, FileError, FormatError } from '../base/errors.js';
import { describeExplanationModel } from '../explain/description.js';
import { readOnnxMetadata } from '../formats/onnx.js';
import { exportExplainer, exportRun, runModel } from './export.js';
import type { RunFolder } from './run-folder.js';
import { readConfig, writeConfig } from './run-folder.js';

const folder = sharedFolder();
let run: RunFolder;

beforeAll(async () => {
  run = await writeRun(join(folder.path, 'run'), 'faces', ['a', 'b', 'c']);
});

describe('exportRun', () => {
  it('writes the network with its best weights', async () => {
    const file = join(folder.path, 'model.onnx');
    await exportRun(run.path, file);
    const bytes = await readFile(file);
    expect(readOnnxMetadata(bytes).get('ageband.classes')).toBe('["a","b","c"]');
    expect(bytes.equals(await runModel(run.path, { checkpoint: 'best' }))).toBe(true);
  });

  it('writes the last weights when it is asked to', async () => {
    const file = join(folder.path, 'last.onnx');
    await exportRun(run.path, file, { checkpoint: 'last' });
    const bytes = await readFile(file);
    expect(bytes.equals(await runModel(run.path, { checkpoint: 'last' }))).toBe(true);
    expect(bytes.equals(await runModel(run.path, { checkpoint: 'best' }))).toBe(false);
  });

  it.each(['h5', 'keras'])('tells how far a file in .%s is put together before it is written', async (ending) => {
    const told: [verb: string, share: number][] = [];
    await exportRun(run.path, join(folder.path, `model.${ending}`), {}, (done, total, verb) => told.push([verb, done / total]));
    expect([...new Set(told.map(([verb]) => verb))]).toEqual(['put together', 'written']);
    expect(told[0]).toEqual(['put together', 0]);
    for (const verb of ['put together', 'written']) {
      const shares = told.filter(([what]) => what === verb).map(([, share]) => share);
      expect(shares.at(-1)).toBe(1);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
    }
  });

  it('leaves nothing where it cannot write', async () => {
    await expect(exportRun(run.path, join(folder.path, 'no', 'such', 'folder.onnx'))).rejects.toThrow(FileError);
    expect(await readdir(folder.path)).not.toContain('no');
  });
});

describe('exportExplainer', () => {
  it('writes a model that explains, with what is needed to feed it', async () => {
    const file = join(folder.path, 'explainer.onnx');
    await exportExplainer(run.path, file, { method: 'grad-cam++', layer: 'conv2' });
    const description = describeExplanationModel(await readFile(file));
    expect(description).toMatchObject({ method: 'grad-cam++', layer: 'conv2', classes: ['a', 'b', 'c'], imageSize: 37 });
  });

  it('is no model that explains without being asked to', async () => {
    expect(() => describeExplanationModel(new Uint8Array())).toThrow(FormatError);
    const model = await runModel(run.path);
    expect(() => describeExplanationModel(model, 'a.onnx')).toThrow('a.onnx: is no model that explains');
  });
});

describe('runModel', () => {
  it('says when there is no run', async () => {
    await expect(runModel(join(folder.path, 'nowhere'))).rejects.toThrow(ConfigError);
    await expect(runModel(folder.path)).rejects.toThrow(/holds no run: config\.json is missing$/);
  });

  it('says when the checkpoint is missing, damaged or of another network', async () => {
    const other = await writeRun(join(folder.path, 'other'), 'faces', ['a', 'b']);
    await writeConfig(other, { ...(await readConfig(other)), classes: ['a', 'b', 'c'] });
    await expect(runModel(other.path)).rejects.toThrow(FormatError);
    await expect(runModel(other.path)).rejects.toThrow(/best\.safetensors: tensor "dense3\.kernel" has shape \[256, 2\]/);
    await writeFile(other.checkpointFile('best'), 'damaged');
    await expect(runModel(other.path)).rejects.toThrow(FormatError);
    await rm(other.checkpointFile('best'));
    await expect(runModel(other.path)).rejects.toThrow(FileError);
  });
});
