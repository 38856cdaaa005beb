/** Prints bytes: `peak BATCH SIZE THREADS` of a training process, or the `growth` over 200 steps of a small network. */
import { openEngine, trainingStep } from './workloads.js';

const [kind, batch, size, threads] = process.argv.slice(2);
const load = { batch: Number(batch), size: kind === 'peak' ? Number(size) : 48, threads: Number(threads) };
const engine = openEngine(load);
const step = trainingStep(engine, load);

async function run(steps: number): Promise<void> {
  for (let i = 0; i < steps; i++) await step();
}

if (kind === 'peak') {
  await run(2);
  console.log(process.resourceUsage().maxRSS * 1024);
} else {
  await run(100);
  const before = process.memoryUsage().rss;
  await run(200);
  console.log(process.memoryUsage().rss - before);
}
await engine.dispose();
