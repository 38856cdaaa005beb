import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../src/base/errors.js';

const SOURCE = fileURLToPath(new URL('dlib/pipeline.cpp', import.meta.url));
/** As OpenFace's align() looks for faces. */
const UPSAMPLINGS = '1';
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
    const program = join(folder, 'pipeline');
    try {
      const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'dlib-1'], { encoding: 'utf8' }).trim().split(/\s+/);
      const words = ['-O3', '-march=native', SOURCE, '-o', program, ...flags, '-ljpeg'];
      execFileSync('g++', words, { stdio: ['ignore', 'ignore', 'pipe'] });
      return new Dlib(program);
    } catch (error) {
      return `it cannot be compiled: ${messageOf(error)}`;
    }
  }

  /**
   * Crops pictures with a number of processes at once, of one thread each, and returns the pictures per second. The time
   * that they take to start is not counted.
   */
  async rate(files: readonly string[], processes: number, out: string): Promise<number> {
    const parts = Array.from({ length: processes }, (_, part) => files.filter((_file, index) => index % processes === part));
    const seconds = await Promise.all(parts.map((part) => this.#crop(part, out)));
    return files.length / Math.max(...seconds);
  }

  async #crop(files: readonly string[], out: string): Promise<number> {
    const child = spawn(this.#program, ['crop', MODEL, UPSAMPLINGS, out], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(files.map((file) => `${file}\n`).join(''));
    const { pictures, seconds } = JSON.parse(await text(child.stdout)) as { pictures: number; seconds: number };
    if (pictures !== files.length) throw new Error(`dlib did ${pictures} of ${files.length} pictures`);
    return seconds;
  }
}
