import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { ConfigError, FormatError, messageOf } from '../../base/errors.js';
import { fileError } from '../../base/files.node.js';
import { plainText } from '../../base/plain-text.js';
import type { SweepPlan } from './settings.js';
import { planSweep, sweepSchema } from './settings.js';

/** The parser takes a time that grows with the square of how deep lists lie in lists. */
const MOST_CHARACTERS = 2 ** 15;

/**
 * Reads the YAML file of a sweep.
 * @throws {FileError} {FormatError} when it cannot be read or is no YAML
 * @throws {ConfigError} naming the line and the option of everything that cannot be used
 */
export async function readSweep(path: string): Promise<SweepPlan> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(path, 'read', error);
  });
  if (text.length > MOST_CHARACTERS) throw new FormatError(path, `is no sweep: it has ${text.length} characters, more than ${MOST_CHARACTERS}`);
  const lines = new LineCounter();
  const document = guarded(path, () => parseDocument(text, { lineCounter: lines, logLevel: 'error' }));
  const [fault] = document.errors;
  if (fault !== undefined) {
    throw new FormatError(path, `line ${fault.linePos?.[0].line ?? '?'} is no YAML: ${plainText(fault.message.split('\n')[0]!.replace(/ at line .*$/, ''))}`);
  }
  const parsed = sweepSchema.safeParse(guarded(path, () => document.toJS() as unknown));
  if (parsed.success) return planSweep(parsed.data, path);
  const faults = parsed.error.issues.map((issue) => faultOf(issue, document, lines));
  throw new ConfigError(faults.map((line) => `${path}${line}`).join('\n'), {
    hint: 'The guide to sweeps lists what a file may hold: docs/sweeps.md.',
  });
}

/** @throws {FormatError} for what the parser gives up: lists too deep in lists, aliases that would unfold to more than fits into memory */
function guarded<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new FormatError(path, `is no YAML that can be used: ${messageOf(error)}`, { cause: error });
  }
}

/** `:12: parameters.batchSize[1]: Too small ...` */
function faultOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): string {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path.map((part) => (typeof part === 'number' ? part : String(part))), ...unknown];
  const name = path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${part}`)).join('');
  const line = lineOf(path, document, lines);
  const value: unknown = document.getIn(path);
  const got = ['string', 'number', 'boolean'].includes(typeof value) ? `, got ${JSON.stringify(value)}` : '';
  const message = unknown.length > 0 ? 'there is no such setting' : `${issue.message}${got}`;
  return `:${line}: ${name === '' ? 'the file' : name}: ${message}`;
}

/** The line of a value, or of the nearest thing around it that is there. */
function lineOf(path: readonly (string | number)[], document: Document, lines: LineCounter): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
