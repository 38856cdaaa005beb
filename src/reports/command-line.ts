import { relative } from 'node:path';
import type { TrainConfig } from '../training/config.js';
import { DEFAULT_CONFIG } from '../training/config.js';

/** Settings that no option of `train` or `fine-tune` sets by itself. */
const NOT_OPTIONS = new Set(['data', 'from', 'classes']);
/** Those that `fine-tune` always takes from the run that it starts from. */
const KEPT_BY_FINE_TUNE = new Set([...NOT_OPTIONS, 'model', 'imageSize']);
/** Those that a run does not hand on to one that is fine-tuned from it. */
const NOT_HANDED_ON = new Set(['root', 'limit', 'weights']);

/**
 * The command that starts a run with the same settings.
 * @param path folder of the run
 * @param base the settings of the run that it was fine-tuned from
 * @returns undefined when there is none: the command line has no option that turns on again what a base run has turned
 *   off, and cannot be told without the settings of the base run
 */
export function commandOf(path: string, config: TrainConfig, base?: TrainConfig): string | undefined {
  const { data, from } = config;
  const here = (file: string): string => shellWord(shortestPath(file));
  if (from === undefined) {
    return wordsOf(['ageband', 'train', here(data)], config, DEFAULT_CONFIG, NOT_OPTIONS, here(path));
  }
  if (base === undefined) return undefined;
  const kept = Object.fromEntries(Object.entries(base).filter(([name]) => !NOT_HANDED_ON.has(name)));
  return wordsOf(['ageband', 'fine-tune', here(from), here(data)], config, kept, KEPT_BY_FINE_TUNE, here(path));
}

function wordsOf(
  start: readonly string[],
  config: TrainConfig,
  standard: Readonly<Record<string, unknown>>,
  except: ReadonlySet<string>,
  out: string,
): string | undefined {
  const names = new Set([...Object.keys(config), ...Object.keys(standard)]);
  const options: string[] = [];
  for (const name of names) {
    const value: unknown = config[name as keyof TrainConfig];
    if (except.has(name) || value === standard[name]) continue;
    const option = optionOf(name, value);
    if (option === undefined) return undefined;
    options.push(option);
  }
  return [...start, ...options, '--out', out].join(' ');
}

/** An option with its value; undefined when none sets the value, as `--no-augment` can be set but not taken back. */
function optionOf(name: string, value: unknown): string | undefined {
  const words = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (value === true) return name === 'nesterov' ? `--${words}` : undefined;
  if (value === false) return name === 'nesterov' ? undefined : `--no-${words}`;
  return typeof value === 'string' || typeof value === 'number'
    ? `--${words} ${shellWord(name === 'root' ? shortestPath(String(value)) : String(value))}`
    : undefined;
}

/** A path from where the user is, if that is no longer than the whole. */
export function shortestPath(path: string): string {
  const way = relative(process.cwd(), path) || '.';
  return way.startsWith('..') || way.length >= path.length ? path : way;
}

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
