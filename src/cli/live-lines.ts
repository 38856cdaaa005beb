import { clearScreenDown, moveCursor } from 'node:readline';
import type { Output } from './style.js';

/** Milliseconds between two drawings, so that a terminal can follow. */
const INTERVAL = 100;
const ROWS = 24;
const COLUMNS = 80;

/** Lines at the foot of a terminal that are drawn anew in their place. */
export class LiveLines {
  readonly #output: Output;
  #drawn = 0;
  #last = -Infinity;

  constructor(output: Output) {
    this.#output = output;
  }

  /**
   * Draws lines in the place of those before, cut to the size of the terminal.
   * @param draw makes the lines; it is not called when the last drawing is too recent, unless it `must`
   */
  show(draw: () => readonly string[], must = false): void {
    const now = performance.now();
    if (!must && now - this.#last < INTERVAL) return;
    this.#last = now;
    const { columns = COLUMNS, rows = ROWS } = this.#output as Partial<NodeJS.WriteStream>;
    const lines = draw().slice(0, rows - 1).map((line) => line.slice(0, columns - 1));
    this.clear();
    this.#output.write(lines.map((line) => `${line}\n`).join(''));
    this.#drawn = lines.length;
  }

  clear(): void {
    if (this.#drawn === 0) return;
    moveCursor(this.#output, 0, -this.#drawn);
    clearScreenDown(this.#output);
    this.#drawn = 0;
  }
}
