import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('dlib/crop.cpp', import.meta.url));
const MODEL = '/usr/share/dlib/shape_predictor_68_face_landmarks.dat';

/** The report's pipeline in C++, compiled for this machine. */
export class Dlib {
  readonly #program: string;

  private constructor(program: string) {
    this.#program = program;
  }

  /** Compiles it into a folder; says why where that cannot be done. */
  static compile(folder: string): Dlib | string {
    if (!existsSync(MODEL)) return `there is no ${MODEL} (Debian: libdlib-data)`;
    const program = join(folder, 'dlib-crop');
    try {
      const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'dlib-1'], { encoding: 'utf8' }).trim().split(/\s+/);
      const words = ['-O3', '-march=native', '-DNDEBUG', '-std=c++17', SOURCE, '-o', program, ...flags];
      execFileSync('g++', words, { stdio: ['ignore', 'ignore', 'pipe'] });
      return new Dlib(program);
    } catch (error) {
      return `it cannot be compiled: ${String(error).split('\n')[0]!}`;
    }
  }

  /** Crops pictures with a number of processes at once, of one thread each, and returns the pictures per second. */
  async rate(files: readonly string[], processes: number, out: string): Promise<number> {
    const start = performance.now();
    const parts = Array.from({ length: processes }, (_, part) => files.filter((_file, index) => index % processes === part));
    await Promise.all(parts.map((part) => this.#crop(part, out)));
    return (1000 * files.length) / (performance.now() - start);
  }

  async #crop(files: readonly string[], out: string): Promise<void> {
    const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };
    const child = spawn(this.#program, [MODEL, '--crop', out], { stdio: ['pipe', 'pipe', 'inherit'], env });
    child.stdin.end(files.map((file) => `${file}\n`).join(''));
    const lines = (await text(child.stdout)).trimEnd().split('\n');
    const { pictures } = JSON.parse(lines.at(-1)!) as { pictures: number };
    if (pictures !== files.length) throw new Error(`dlib-crop did ${pictures} of ${files.length} pictures`);
  }
}
