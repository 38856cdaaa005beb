/** The exit code of a process that nobody reads from any more: 128 and the number of SIGPIPE. */
const UNREAD = 141;

/**
 * Ends the process when whoever reads its output has seen enough, as in `ageband summary baseline | head`, which is no error.
 * Work that Ctrl-C would stop in order is stopped in the same way; anything else ends at once, as programs do.
 */
export function endWithReader(output: NodeJS.WriteStream): void {
  let isClosed = false;
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    // Whatever is still written fails as well.
    if (isClosed) return;
    isClosed = true;
    if (process.listenerCount('SIGINT') === 0) {
      endAtOnce();
      return;
    }
    process.on('exit', () => (process.exitCode = UNREAD));
    process.emit('SIGINT');
  });
}

/** Not by `process.exit`, which ends in a crash where a thread is just computing with ONNX Runtime. */
function endAtOnce(): void {
  // Windows does not know SIGPIPE.
  if (process.platform === 'win32') process.kill(process.pid, 'SIGKILL');
  // Node ignores the signal until a listener for it has come and gone.
  const listener = (): void => undefined;
  process.on('SIGPIPE', listener).off('SIGPIPE', listener);
  process.kill(process.pid, 'SIGPIPE');
}
