/** Fuzzes families of formats in processes of their own, and outlives what happens to these. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildSettings, FromChild, Outcome } from './child.js';
import type { FamilyName } from './families.js';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** Seconds that one case may take on a machine that has other things to do as well. */
const LONGEST_CASE = 60;

export interface FuzzOptions {
  /** Cases of each format. */
  readonly runs: number;
  readonly seed: number;
  /** Only these formats, where it is given. */
  readonly only?: readonly string[] | undefined;
  /** Where cases that failed are kept. */
  readonly keep: string;
}

/** What came of one format. */
export interface Report {
  readonly format: string;
  readonly outcome: Partial<Outcome>;
  /** What went wrong; undefined when nothing did. */
  readonly failure?: string;
}

/** Fuzzes the formats of a family, each of which gives one report. One that takes its process down is not tried again. */
export async function fuzzFamily(family: FamilyName, options: FuzzOptions, tell: (report: Report) => void): Promise<Report[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ageband-fuzz-'));
  const reports: Report[] = [];
  const add = (report: Report): void => {
    reports.push(report);
    tell(report);
  };
  try {
    for (let isOver = false; !isOver; ) {
      isOver = await fuzzUntilDeath(family, { ...options, folder, without: reports.map(({ format }) => format) }, options.keep, add);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return reports;
}

/** @returns whether the process came to its own end */
async function fuzzUntilDeath(family: FamilyName, settings: ChildSettings, keep: string, add: (report: Report) => void): Promise<boolean> {
  const child = fork(CHILD, [family, JSON.stringify(settings)], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let words = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4000)));
  let current: Extract<FromChild, { kind: 'case' }> | undefined;
  const status = { isStuck: false };
  const startTimer = (): NodeJS.Timeout =>
    setTimeout(() => {
      status.isStuck = true;
      child.kill('SIGKILL');
    }, LONGEST_CASE * 1000);
  let timer = startTimer();
  child.on('message', (message: FromChild) => {
    clearTimeout(timer);
    timer = startTimer();
    if (message.kind === 'case') {
      current = message;
      return;
    }
    const { format, outcome } = message;
    const { failure } = outcome;
    add({ format, outcome, ...(failure === undefined ? {} : { failure: `${failure}\n${kept(current!, settings, keep)}` }) });
    current = undefined;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  if (code === 0) return true;
  const end = status.isStuck ? `took more than ${LONGEST_CASE} seconds` : `ended the process (${signal ?? `code ${code ?? '?'}`})`;
  // A process that dies before its first case would do so again.
  if (current === undefined) throw new Error(`the process of the family ${family} ${end}:\n${words}`);
  add({ format: current.format, outcome: {}, failure: `a case ${end}: ${words}\n${kept(current, settings, keep)}` });
  return false;
}

function kept({ format, file }: { format: string; file: string }, { seed }: ChildSettings, keep: string): string {
  mkdirSync(keep, { recursive: true });
  const copy = join(keep, `${format}-${seed}`);
  copyFileSync(file, copy);
  return `seed ${seed}; the case is kept as ${copy}`;
}
