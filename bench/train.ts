/**
 * Speed and memory of the report's network: ours beside PyTorch's and beside ONNX Runtime's own matrix product, each step
 * in turn with the others, so that a busy machine treats them alike.
 *
 *     npm run bench:train -- [--batch 10] [--size 227] [--rounds 7] [--threads 2] [--python python3] [--memory] [--json]
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PyTorch } from './pytorch.js';
import { alternate, median, ours } from './contenders.js';
import type { Step } from './workloads.js';
import { flopPerPicture, inferenceStep, openEngine, PRODUCT_FLOP, productStep, trainingStep } from './workloads.js';

const { values: options } = parseArgs({
  options: {
    batch: { type: 'string', default: '10' },
    size: { type: 'string', default: '227' },
    rounds: { type: 'string', default: '7' },
    threads: { type: 'string', default: '2' },
    python: { type: 'string', default: 'python3' },
    memory: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const load = { size: Number(options.size), batch: Number(options.batch), threads: Number(options.threads) };
const rounds = Number(options.rounds);

async function compare(mode: 'train' | 'inference', step: Step, product: Step) {
  const pytorch = await PyTorch.start(options.python, mode, load.size, load.batch, load.threads);
  const own = ours('ageband', step);
  const matrix = ours('matrix product', product);
  const rival = pytorch && { name: 'PyTorch', seconds: () => pytorch.step(), times: [] as number[] };
  await alternate([own, matrix, ...(rival ? [rival] : [])], rounds);
  pytorch?.stop();
  const flop = flopPerPicture(load.size)[mode === 'train' ? 'training' : 'inference'] * load.batch;
  // Ratios are taken round by round, because the speed of a machine drifts.
  const ratios = own.times.map((time, round) => (rival ? rival.times[round]! / time : Number.NaN));
  const shares = own.times.map((time, round) => flop / time / (PRODUCT_FLOP / matrix.times[round]!));
  return {
    mode,
    images_per_second: load.batch / median(own.times),
    gflop_per_second: flop / median(own.times) / 1e9,
    matrix_product_gflop_per_second: PRODUCT_FLOP / median(matrix.times) / 1e9,
    share_of_matrix_product: median(shares),
    ...(rival
      ? { rival: pytorch.engine, rival_images_per_second: load.batch / median(rival.times), ratio: median(ratios) }
      : {}),
  };
}

/** Peak memory of a process that trains, in bytes, and how much it grew over 200 steps of a small network. */
function memory(kind: 'peak' | 'growth', batch: number): number {
  const script = fileURLToPath(new URL('memory.ts', import.meta.url));
  const words = ['--import', 'tsx', script, kind, String(batch), options.size, options.threads];
  const { stdout, status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}

const engine = openEngine(load);
const product = await productStep(load.threads);
const results = [
  await compare('train', trainingStep(engine, load), product),
  await compare('inference', await inferenceStep(engine, load), product),
];
await engine.dispose();
const bytes = options.memory ? { batch_50_peak: memory('peak', 50), growth_over_200_steps: memory('growth', 8) } : undefined;

if (options.json) {
  console.log(JSON.stringify({ machine: cpus()[0]?.model, ...load, rounds, results, bytes }, null, 2));
} else {
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${load.threads} threads, batch ${load.batch}, ${load.size}×${load.size}, medians of ${rounds} rounds`);
  for (const result of results) {
    console.log(`\n${result.mode}`);
    console.log(`  ageband          ${result.images_per_second.toFixed(2)} images/s, ${result.gflop_per_second.toFixed(0)} GFLOP/s`);
    console.log(`  matrix product   ${result.matrix_product_gflop_per_second.toFixed(0)} GFLOP/s, of which we reach ${(100 * result.share_of_matrix_product).toFixed(0)} %`);
    if (result.rival) {
      console.log(`  ${result.rival.padEnd(16)} ${result.rival_images_per_second!.toFixed(2)} images/s, ratio ${result.ratio!.toFixed(2)}`);
    } else console.log(`  PyTorch          not measured: "${options.python}" cannot import torch (try --python)`);
  }
  if (bytes) {
    console.log(`\nmemory`);
    console.log(`  peak at batch 50 and ${load.size}×${load.size}: ${(bytes.batch_50_peak / 1e9).toFixed(2)} GB`);
    console.log(`  growth over 200 steps of a small network: ${(bytes.growth_over_200_steps / 1e6).toFixed(1)} MB`);
  }
}
process.exit(0);
