/**
 * How the API of `ageband serve` does under load: `npx tsx bench/serve.ts http://127.0.0.1:8000 [REQUESTS] [CONNECTIONS]`,
 * with a server that was started before. It sends the portrait of examples/, and prints rate, latency, and the server's
 * memory before and after.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const [address = 'http://127.0.0.1:8000', requests = '2000', connections = '8'] = process.argv.slice(2);
const WARM_UP = 50;
const MEBIBYTE = 2 ** 20;

const body = await readFile(fileURLToPath(new URL('../examples/portrait.jpg', import.meta.url)));

async function send(amount: number): Promise<autocannon.Result> {
  return await autocannon({ url: `${address}/v1/predict`, method: 'POST', body, amount, connections: Number(connections), timeout: 60 });
}

/** Resident memory of the server in MiB, by its own metrics. */
async function memory(): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (?<bytes>\S+)$/m.exec(text)!.groups!['bytes']) / MEBIBYTE;
}

await send(WARM_UP);
const before = await memory();
const half = Math.floor(Number(requests) / 2);
const [first, second] = [await send(half), await send(half)];
const after = await memory();
for (const { requests: rate, latency, '2xx': right, non2xx, errors } of [first, second]) {
  console.log(
    `${right} right, ${non2xx} refused, ${errors} failed; ${rate.average.toFixed(1)} per second; ` +
      `p50 ${latency.p50} ms, p99 ${latency.p99} ms`,
  );
}
console.log(`memory: ${before.toFixed(0)} MiB after ${WARM_UP} requests, ${after.toFixed(0)} MiB after ${2 * half} more`);
