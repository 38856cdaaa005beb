/** What is varied from trial to trial, and the values that each trial gets. */
import { PURPOSE, randomStream } from '../../base/random.js';
import type { RandomStream } from '../../base/random.js';

export type Value = string | number | boolean;

/** Values between two bounds: evenly, evenly in the logarithm, or whole numbers with both bounds. */
export interface Range {
  readonly distribution: 'uniform' | 'log-uniform' | 'integer';
  readonly min: number;
  readonly max: number;
}

/** Each option that is varied, by its name in the configuration: a list of values, or a range. */
export type Parameters = Readonly<Record<string, readonly Value[] | Range>>;

/** The options of one trial that are its own. */
export type Choice = Readonly<Record<string, Value>>;

/** Digits of a number that is drawn from a range: as many as a table shows, so that it tells the whole truth. */
const DIGITS = 4;

/** Every combination of the values; the last parameter changes fastest. */
export function gridChoices(parameters: Readonly<Record<string, readonly Value[]>>): Choice[] {
  return Object.entries(parameters).reduce<Choice[]>(
    (choices, [name, values]) => choices.flatMap((choice) => values.map((value) => ({ ...choice, [name]: value }))),
    [{}],
  );
}

/** Draws for one trial after which values between bounds may come again: these may be all that their digits tell apart. */
const MOST_DRAWS = 100;

/**
 * What each trial draws. No two draw the same as long as something else is left; then all may come again. What a trial draws
 * depends on the seed, the names of the parameters and the trials before it, and not on how many come after.
 */
export function drawChoices(parameters: Parameters, seed: number, trials: number): Choice[] {
  const all = combinationsOf(parameters);
  const drawn = new Set<string>();
  return Array.from({ length: trials }, (_, trial) => {
    if (drawn.size === all) drawn.clear();
    for (let draw = 0; ; draw++) {
      const choice = drawChoice(parameters, seed, trial, draw);
      const key = JSON.stringify(Object.entries(choice).sort());
      if (drawn.has(key) && (all < Infinity || draw < MOST_DRAWS)) continue;
      drawn.add(key);
      return choice;
    }
  });
}

/** How many there are; infinite where a parameter lies between bounds. A value that is listed twice counts once. */
function combinationsOf(parameters: Parameters): number {
  return Object.values(parameters).reduce((product, values) => {
    if (isList(values)) return product * new Set(values).size;
    return product * (values.distribution === 'integer' ? values.max - values.min + 1 : Infinity);
  }, 1);
}

/** @param draw from 0: how often values were drawn for this trial before */
function drawChoice(parameters: Parameters, seed: number, trial: number, draw: number): Choice {
  const places = Object.keys(parameters).sort();
  const entries = Object.entries(parameters).map(([name, values]) => {
    const random = randomStream(seed, PURPOSE.sweep, trial, places.indexOf(name) + draw * places.length);
    return [name, drawValue(values, random)] as const;
  });
  return Object.fromEntries(entries);
}

function drawValue(values: readonly Value[] | Range, random: RandomStream): Value {
  if (isList(values)) return values[random.integer(values.length)]!;
  const { distribution, min, max } = values;
  switch (distribution) {
    case 'integer':
      return min + random.integer(max - min + 1);
    case 'uniform':
      return rounded(random.uniformBetween(min, max), min, max);
    case 'log-uniform':
      return rounded(Math.exp(random.uniformBetween(Math.log(min), Math.log(max))), min, max);
  }
}

export function isList(values: readonly Value[] | Range): values is readonly Value[] {
  return Array.isArray(values);
}

function rounded(value: number, min: number, max: number): number {
  return Math.min(Math.max(Number(value.toPrecision(DIGITS)), min), max);
}
