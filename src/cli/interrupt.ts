/** Milliseconds in which a further Ctrl-C counts as the same: npx hands on the one that the terminal sent already. */
const SAME_INTERRUPT = 500;

/**
 * Runs `work` with a signal that the first Ctrl-C aborts, so that it can put things in order and return;
 * a second Ctrl-C ends the process at once.
 */
export async function untilInterrupted<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let first: number | undefined;
  const onInterrupt = (): void => {
    first ??= performance.now();
    if (performance.now() - first > SAME_INTERRUPT) {
      // Not `process.exit`, which ends in a crash where a thread is just computing with ONNX Runtime.
      process.off('SIGINT', onInterrupt);
      process.kill(process.pid, 'SIGINT');
    }
    controller.abort();
  };
  process.on('SIGINT', onInterrupt);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** The exit code of a process that was ended by Ctrl-C: 128 and the number of SIGINT. */
export const INTERRUPTED = 130;
