import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What PyTorch's process answers to a step. */
interface Answer {
  readonly engine: string;
  readonly seconds: number;
  readonly peak_bytes: number;
}

/** PyTorch in a process of its own, which runs a step of the report's network whenever it is asked. */
export class PyTorch {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string, undefined>;
  /** Name and version, known after the first step. */
  engine = 'PyTorch';

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Starts PyTorch and runs a first step, which is not counted.
   * @param command the Python to use, such as `python3` or `chroot /srv/trixie python3`
   * @param more further options of pytorch_rate.py, such as `--device cuda`
   * @returns undefined when that Python has no PyTorch, or no such device
   */
  static async start(
    command: string,
    mode: string,
    size: number,
    batch: number,
    threads: number,
    more: readonly string[] = [],
  ): Promise<PyTorch | undefined> {
    const [program, ...words] = command.split(' ') as [string, ...string[]];
    const script = fileURLToPath(new URL('pytorch_rate.py', import.meta.url));
    const options = { batch, size, threads, mode };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const pytorch = new PyTorch(spawn(program, [...words, script, ...flags, ...more, '--serve'], { stdio: 'pipe' }));
    pytorch.#process.on('error', () => undefined);
    try {
      await pytorch.step();
      return pytorch;
    } catch {
      return undefined;
    }
  }

  /** Runs one step and returns its seconds. */
  async step(): Promise<number> {
    this.#process.stdin.write('step\n');
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('PyTorch ended');
    const answer = JSON.parse(line.value) as Answer;
    this.engine = answer.engine;
    return answer.seconds;
  }

  stop(): void {
    this.#process.stdin.end('quit\n');
  }
}
