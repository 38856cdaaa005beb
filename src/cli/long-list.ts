/** Prints what is too long to be held at once. */
import { once } from 'node:events';

/** Prints a text as it is, and waits while whoever reads the output has not caught up. */
export async function printPatiently(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Prints a list, item by item, as `JSON.stringify(list, null, 2)` has it. */
export async function printJsonList(items: AsyncIterable<unknown>): Promise<void> {
  let count = 0;
  for await (const item of items) {
    const text = JSON.stringify(item, null, 2).replaceAll('\n', '\n  ');
    await printPatiently(`${count++ === 0 ? '[' : ','}\n  ${text}`);
  }
  await printPatiently(count === 0 ? '[]\n' : '\n]\n');
}
