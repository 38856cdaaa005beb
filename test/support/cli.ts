import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The cartoon faces that ship with the project: 192 pictures in eight bands. */
export const FACES = fileURLToPath(new URL('../../examples/faces', import.meta.url));

export interface Ended {
  /** Exit code; null when a signal ended the process. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export type CliProcess = ChildProcessByStdio<null, Readable, Readable> & {
  readonly ended: Promise<Ended>;
  /** Resolves as soon as the standard output holds a line that `matches`. */
  lineThat(matches: (line: string) => boolean): Promise<string>;
};

/** Starts `ageband` as a process of its own. */
export function startAgeband(
  words: readonly string[],
  cwd?: string,
  environment: Readonly<Record<string, string>> = {},
): CliProcess {
  const child = spawn(process.execPath, [MAIN, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  const lineThat = (matches: (line: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const line = stdout.split('\n').slice(0, -1).find(matches);
        if (line !== undefined) resolve(line);
      };
      child.stdout.on('data', look);
      look();
      void ended.then(() => {
        reject(new Error(`the process ended without the line:\n${stdout}\n${stderr}`));
      });
    });
  return Object.assign(child, { ended, lineThat });
}

/** Runs `ageband` to its end. */
export async function ageband(...words: string[]): Promise<Ended> {
  return await startAgeband(words).ended;
}
