import { onTestFinished } from 'vitest';
import type { RandomStream } from '../../src/base/random.js';
import type { CliProcess } from './cli.js';
import { startAgeband } from './cli.js';

/** The environment of a process that loads a script of this folder before its own. */
export function loading(script: string): Record<string, string> {
  return { NODE_OPTIONS: `--import ${new URL(script, import.meta.url).href}` };
}

/** Worker processes for one test, each replaced when it has died, as a supervisor does it. */
export class Crew {
  readonly #words: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #workers: CliProcess[] = [];
  #isOver = false;
  /** What workers that have ended have printed. */
  printed = '';

  constructor(count: number, words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#words = ['worker', ...words];
    this.#environment = environment;
    for (let index = 0; index < count; index++) this.#workers.push(this.#start(index));
    onTestFinished(() => this.stop());
  }

  /** Sends a signal to one of them. */
  signal(index: number, name: NodeJS.Signals): void {
    this.#workers[index]!.kill(name);
  }

  /** Resolves as soon as one of them prints such a line. */
  async lineThat(index: number, matches: (line: string) => boolean): Promise<string> {
    return await this.#workers[index]!.lineThat(matches);
  }

  /** Kills one after the other with -9 at random moments. @returns how many were killed by the time that `until` resolved */
  async killAtRandom(random: RandomStream, most: number, until: Promise<unknown>): Promise<number> {
    for (let killed = 0; killed < most; killed++) {
      const moment = new Promise((resolve) => setTimeout(resolve, 100 + random.integer(900)));
      if ((await Promise.race([until.then(() => 'over'), moment])) === 'over') return killed;
      this.signal(random.integer(this.#workers.length), 'SIGKILL');
    }
    await until;
    return most;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    for (const worker of this.#workers) worker.kill('SIGKILL');
    await Promise.all(this.#workers.map(({ ended }) => ended));
  }

  #start(index: number): CliProcess {
    const worker = startAgeband(this.#words, undefined, this.#environment);
    void worker.ended.then(({ stdout, stderr }) => {
      this.printed += stdout + stderr;
      if (!this.#isOver) this.#workers[index] = this.#start(index);
    });
    return worker;
  }
}
