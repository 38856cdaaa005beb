/**
 * Speed of the report's network on this machine's devices, beside PyTorch with CUDA, whether they compute what the processor
 * does, and what half precision would bring; `run.sh` brings what it takes and lists the options. Steps of all contenders are
 * taken in turn, in one session.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { DeviceError } from '../../src/base/errors.js';
import type { Device } from '../../src/runtime/device.js';
import { usableDevice } from '../../src/runtime/choose-device.node.js';
import type { Contender } from '../contenders.js';
import { alternate, median, ours } from '../contenders.js';
import { PyTorch } from '../pytorch.js';
import { flopPerPicture, openEngine, trainingStep } from '../workloads.js';
import { compareWithProcessor } from './agreement.js';
import { compareHalfPrecision } from './half-precision.js';
import { batchesPerSecond } from './loader.js';
import { trainOnUtkface } from './utkface.js';

const { values: options } = parseArgs({
  options: {
    batch: { type: 'string', default: '50' },
    size: { type: 'string', default: '227' },
    rounds: { type: 'string', default: '10' },
    python: { type: 'string', default: 'python3' },
    devices: { type: 'string', default: 'webgpu,cuda' },
    utkface: { type: 'string' },
    work: { type: 'string' },
    epochs: { type: 'string', default: '40' },
    device: { type: 'string', default: 'webgpu' },
  },
});
const { python, utkface, work } = options;
if ((utkface === undefined) !== (work === undefined)) {
  console.error('--utkface names the folder of the pictures, --work that of all that is made: give both, or neither');
  process.exit(1);
}
const [batch, size, rounds] = (['batch', 'size', 'rounds'] as const).map((name) => countOf(name)) as [number, number, number];
const load = { batch, size, threads: availableParallelism() };

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${load.threads} cores; graphics: ${cards()}`);
console.log(`The report's network at ${load.size}×${load.size}, batch ${load.batch}, medians of ${rounds} steps in turn\n`);

const engines = await openEngines();
const rivals = await openRivals();
const contenders = [...engines.map(({ contender }) => contender), ...rivals.map(({ contender }) => contender)];
if (contenders.length > 0) {
  await alternate(contenders, rounds);
  const flop = flopPerPicture(load.size).training * load.batch;
  console.log('training                      images/s   ms/step   GFLOP/s');
  for (const { name, times } of contenders) {
    const seconds = median(times);
    const [rate, milliseconds, speed] = [load.batch / seconds, seconds * 1000, flop / seconds / 1e9];
    console.log(`${name.padEnd(28)} ${rate.toFixed(2).padStart(9)} ${milliseconds.toFixed(1).padStart(9)} ${speed.toFixed(0).padStart(9)}`);
  }
}
for (const { engine } of engines) await engine.dispose();
for (const { pytorch } of rivals) pytorch.stop();
for (const { device } of engines) {
  await compareWithProcessor(device);
  await compareHalfPrecision(device, rounds);
}

console.log('\nvaried pictures, made by threads of their own (`--workers`)');
for (const workers of [1, 2, 4, 8].filter((count) => count === 1 || count <= availableParallelism())) {
  const rate = load.batch * (await batchesPerSecond(load.size, load.batch, workers));
  console.log(`  ${workers} ${workers === 1 ? 'worker: ' : 'workers:'} ${rate.toFixed(0)} images/s`);
}
if (utkface !== undefined) trainOnUtkface({ utkface, work: work!, epochs: options.epochs, device: options.device, size: options.size });
process.exit(0);

function countOf(name: 'batch' | 'size' | 'rounds'): number {
  const count = Number(options[name]);
  if (Number.isInteger(count) && count > 0) return count;
  console.error(`--${name} must be a whole number from 1 on, got ${options[name]}`);
  process.exit(1);
}

/** The engines of the devices that can be used here; the others are named with the reason. */
async function openEngines() {
  const opened = [];
  for (const name of options.devices.split(',')) {
    try {
      const device = await usableDevice(name as Device);
      const engine = openEngine({ ...load, device });
      opened.push({ device, engine, contender: ours(`ageband, ${device}`, trainingStep(engine, load)) });
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      console.log(`not measured: ${error.message}`);
    }
  }
  return opened;
}

async function openRivals() {
  const opened = [];
  for (const [precision, ...flags] of [['float32'], ['TF32', '--tf32']] as const) {
    const pytorch = await PyTorch.start(python, 'train', load.size, load.batch, load.threads, ['--device', 'cuda', ...flags]);
    if (pytorch === undefined) console.log(`not measured: PyTorch with CUDA, ${precision}: "${python}" has none (--python names another)`);
    else opened.push({ pytorch, contender: rivalOf(pytorch, precision) });
  }
  return opened;
}

function rivalOf(pytorch: PyTorch, precision: string): Contender {
  return { name: `${pytorch.engine}, CUDA, ${precision}`, seconds: () => pytorch.step(), times: [] };
}

/** Names and drivers of NVIDIA's cards. */
function cards(): string {
  const { stdout, status } = spawnSync('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim().replaceAll('\n', '; ') : 'nvidia-smi names none';
}
