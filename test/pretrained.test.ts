import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../src/training/checkpoint.js';
import { ageband, FACES } from './support/cli.js';
import { drawn, smallPretrained, torchTensors, unpacked } from './support/pretrained.js';
import { writeSafetensors } from '../src/formats/safetensors.js';

const KERAS = unpacked('pretrained-vgg16-notop.h5.gz');
/** A step that leaves the weights where they are. */
const SETTINGS = { imageSize: 32, batchSize: 8, limit: 48, epochs: 1, augment: false, learningRate: 1e-30, workers: 0 };
const FIRST = drawn('block1_conv1/kernel', [3, 3, 3, 4], 'kernel', 27).data;

let folder: string;
let server: Server;
let address: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ageband-pretrained-'));
  await writeFile(join(folder, 'weights'), KERAS);
  await writeFile(join(folder, 'torch'), Buffer.concat(writeSafetensors(torchTensors(smallPretrained('vgg16-torch')))));
  const network = smallPretrained('vgg16').layers(8).map(({ description }) => description);
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ ...SETTINGS, model: 'small', network }));
  server = createServer((_, response) => response.writeHead(200, { 'content-length': KERAS.length }).end(KERAS));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weights`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const train = (out: string, weights: string, ...words: string[]) =>
  ageband('train', FACES, '--out', join(folder, out), '--config', join(folder, 'settings.json'), '--weights', weights, ...words);

describe('ageband train --weights', () => {
  it('reads a file of Keras, whatever it is called, and says what it took', async () => {
    const { code, stdout, stderr } = await train('file', join(folder, 'weights'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      'The weights of 13 layers are taken over, from block1_conv1 to block5_conv3; anew start dense1, dense2, dense3.\n',
    );
    const { tensors } = await loadCheckpoint(join(folder, 'file', 'checkpoints', 'last.safetensors'));
    const kernel = tensors.get('block1_conv1.kernel')!.data as Float32Array;
    // Ours runs over filters first, Keras's last.
    expect([kernel[0], kernel[27], kernel[54]]).toEqual([FIRST[0], FIRST[1], FIRST[2]]);
  });

  it('fetches one from an address, and says how far it is', async () => {
    const { code, stdout, stderr } = await train('address', address, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { kind: string });
    const ofWeights = events.filter(({ kind }) => kind === 'weights');
    expect(ofWeights[0]).toEqual({ kind: 'weights', done: KERAS.length, total: KERAS.length, verb: 'fetched' });
    expect(ofWeights.at(-1)).toMatchObject({ verb: 'read' });
    const config = JSON.parse(await readFile(join(folder, 'address', 'config.json'), 'utf8')) as { weights: string };
    expect(config.weights).toBe(address);
  });

  it('reads a checkpoint that a trainer of PyTorch wrote, and runs nothing that is in one', async () => {
    const checkpoint = unpacked('torch-vgg16-old.pth.gz');
    await writeFile(join(folder, 'checkpoint.pth'), checkpoint);
    const network = smallPretrained('vgg16-torch').layers(8).map(({ description }) => description);
    await writeFile(join(folder, 'torch.json'), JSON.stringify({ ...SETTINGS, model: 'small', network }));
    const start = (out: string, weights: string) =>
      ageband('train', FACES, '--out', join(folder, out), '--config', join(folder, 'torch.json'), '--weights', join(folder, weights));
    const { code, stdout, stderr } = await start('pth', 'checkpoint.pth');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('The weights of 13 layers are taken over, from features_0 to features_28; anew start dense1, dense2, dense3.\n');
    const { tensors } = await loadCheckpoint(join(folder, 'pth', 'checkpoints', 'last.safetensors'));
    expect(tensors.get('features_0.kernel')!.data).toEqual(drawn('features.0.weight', [4, 3, 3, 3], 'kernel', 27).data);

    const program = Buffer.from(checkpoint).toString('latin1').replace('collections\nOrderedDict', 'posix_______\nsystem');
    await writeFile(join(folder, 'program.pth'), Buffer.from(program, 'latin1'));
    const refused = await start('program', 'program.pth');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('program.pth: asks for posix_______.system, which is refused');
    expect(refused.stderr).toContain('hint: Only state dicts are read.');
  });

  it('refuses weights for another network, naming what does not fit', async () => {
    const { code, stderr } = await train('torch-run', join(folder, 'torch'));
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: ${join(folder, 'torch')}: fits none of the 13 layers with weights before the head (read as a file of torchvision or timm): there is nothing for "block1_conv1.kernel", [4, 3, 3, 3]\n` +
        'hint: Files of vgg16 and resnet50 of torchvision and timm fit the models vgg16-torch and resnet-50-torch.\n',
    );
  });

  it.each([
    ['a damaged file', (bytes: Uint8Array) => bytes.subarray(0, 20_000)],
    ['HDF5 without weights', (bytes: Uint8Array) => Buffer.from(bytes).fill(0, 100)],
  ])('gives an error for %s', async (_, damage) => {
    await writeFile(join(folder, 'damaged'), damage(KERAS));
    const { code, stderr } = await train('damaged-run', join(folder, 'damaged'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*damaged: (is no HDF5 file, or a damaged one|is damaged)/);
  });
});
