import { InvalidArgumentError, Option, type Command } from 'commander';
import { DEVICE_CHOICES } from '../runtime/device.js';

/** An option that takes a number; `standard` is what holds without it, for the help. */
export function numberOption(flags: string, description: string, standard?: number): Option {
  return new Option(flags, withStandard(description, standard)).argParser(parseNumber);
}

/** An option that takes a whole number from 1 on, for a command that nothing else checks. */
export function countOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const count = parseNumber(text);
    if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
    return count;
  });
}

/** An option that takes the path of a file or folder. */
export function pathOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    if (text === '') throw new InvalidArgumentError('It must be a path.');
    return text;
  });
}

/** The model that a command uses. */
export function modelOption(): Option {
  return pathOption('--model <path>', 'folder of a run, or an exported ONNX file (default: the built-in model)');
}

/** What computes. @param standard what holds without it, for the help */
export function deviceOption(standard = 'cpu'): Option {
  return choiceOption('--device <name>', 'what computes; auto: the fastest, webgpu: any graphics card', DEVICE_CHOICES, standard);
}

/** An option that takes one of a few words. */
export function choiceOption(
  flags: string,
  description: string,
  choices: readonly string[],
  standard?: string,
): Option {
  return new Option(flags, withStandard(description, standard)).choices(choices);
}

/** The standard stands in the help alone: an option that was not given must stay apart from one that was. */
function withStandard(description: string, standard: number | string | undefined): string {
  return standard === undefined ? description : `${description} (default: ${standard})`;
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError(`'${text}' is not a number.`);
  return number;
}

/** The values of those options of a command that stand on the command line, apart from some that are not passed on. */
export function givenOptions(command: Command, except: readonly string[]): Record<string, unknown> {
  const given = Object.entries(command.opts()).filter(
    ([name]) => command.getOptionValueSource(name) === 'cli' && !except.includes(name),
  );
  return Object.fromEntries(given);
}

export interface CheckpointOptions {
  checkpoint: 'best' | 'last';
}

/** Which weights of a run to take. */
export function checkpointOption(): Option {
  return new Option('--checkpoint <name>', 'weights to take').choices(['best', 'last']).default('best');
}
