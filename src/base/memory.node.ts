import { setFlagsFromString } from 'node:v8';
import { MessageChannel } from 'node:worker_threads';

/** Just under the largest block that moves glibc's threshold (`DEFAULT_MMAP_THRESHOLD_MAX`, 32 MB). */
const LARGEST_BLOCK = 32 * 2 ** 20 - 2 ** 16;

/**
 * Has the C library keep freed blocks of up to 32 MB for the next time. glibc hands blocks above 128 kB straight back to
 * the system, and every picture that is decoded then gets pages that must be mapped and cleared again, which takes a
 * third of the time of decoding. It learns from the largest block that was freed (`mallopt(3)`, `M_MMAP_THRESHOLD`), so
 * one is taken, never touched, and freed at once. Other C libraries are left as they are.
 */
export function keepFreedMemory(): void {
  const block = new ArrayBuffer(LARGEST_BLOCK);
  // What is on its way to a closed port is freed with the port, and does not wait for the garbage collector.
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.postMessage(block, [block]);
  port1.close();
}

/**
 * Lets the heaps of all threads grow to four times of what is alive before they are collected as a whole, as V8 allows
 * large heaps of its own accord. That of a thread that handles pictures is small, and the pictures count towards it
 * although the quick collections free them already: it would be collected at every third picture, for a sixth of all
 * processor time.
 */
export function collectLessOften(): void {
  setFlagsFromString('--heap-growing-percent=300');
}
