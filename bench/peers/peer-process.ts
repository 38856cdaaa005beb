import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Question } from './answer.js';
import type { PeerName } from './estimator.js';

const PROGRAM = fileURLToPath(new URL('answer.ts', import.meta.url));
/** Milliseconds after which a peer that says nothing is taken for hung. */
const PATIENCE = 120_000;
/** How much of what it wrote is told when it ends, in characters. */
const LAST_WORDS = 600;

/** A peer in a process of its own, begun anew when a picture ends it. */
export class PeerProcess {
  readonly #name: PeerName;
  readonly #model: string | undefined;
  #child: ChildProcess | undefined;
  #written = '';

  /** @param model of ours; the built-in one by default */
  constructor(name: PeerName, model: string | undefined) {
    this.#name = name;
    this.#model = model;
  }

  /** Loads its networks. @throws {Error} with what it wrote when it cannot be used */
  async start(): Promise<void> {
    this.#written = '';
    const child = fork(PROGRAM, [this.#name, ...(this.#model === undefined ? [] : [this.#model])], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.stderr?.on('data', (data: Buffer) => (this.#written = (this.#written + data.toString()).slice(-LAST_WORDS)));
    this.#child = child;
    await this.#next();
  }

  /** What it says of a picture. A picture that ends it has failed. */
  async ask(question: Question): Promise<Answer> {
    if (this.#child === undefined) await this.start();
    try {
      const answer = this.#next();
      this.#child!.send(question);
      return (await answer) as Answer;
    } catch (error) {
      return { kind: 'failed', reason: (error as Error).message };
    }
  }

  stop(): void {
    this.#child?.kill();
    this.#child = undefined;
  }

  /** Its next message. */
  #next(): Promise<unknown> {
    const child = this.#child!;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        child.off('message', told);
        child.off('close', ended);
      };
      const fail = (reason: string): void => {
        settle();
        this.stop();
        reject(new Error(`${this.#name} ${reason}`));
      };
      const told = (message: unknown): void => {
        settle();
        resolve(message);
      };
      const ended = (code: number | null, signal: string | null): void =>
        fail(`ended with ${signal ?? code ?? 'nothing'}: ${this.#written.trim()}`);
      const timer = setTimeout(() => fail(`said nothing for ${PATIENCE / 1000} s`), PATIENCE);
      child.on('message', told);
      child.on('close', ended);
    });
  }
}
