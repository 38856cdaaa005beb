import type { Kind, Question, Reply, Requests } from './messages.js';

interface Pending {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** The worker that finds and classifies faces, so that the page never waits. */
class Engine {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'ageband' });
  readonly #pending = new Map<number, Pending>();
  #questions = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const pending = this.#pending.get(data.id);
      this.#pending.delete(data.id);
      if ('error' in data) pending?.reject(new Error(data.error));
      else pending?.resolve(data.answer as never);
    };
    this.#worker.onerror = () => {
      for (const { reject } of this.#pending.values()) reject(new Error('The part of the page that computes has stopped. Load the page again.'));
      this.#pending.clear();
    };
  }

  /** @throws {Error} whose message is for the user */
  ask<Name extends Kind>(kind: Name, request: Requests[Name]['request'], transfer: Transferable[] = []): Promise<Requests[Name]['answer']> {
    const question: Question<Name> = { id: this.#questions++, kind, request };
    return new Promise((resolve, reject) => {
      this.#pending.set(question.id, { resolve, reject });
      this.#worker.postMessage(question, transfer);
    });
  }
}

export const engine = new Engine();
