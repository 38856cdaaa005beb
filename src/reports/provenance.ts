/** Where a run comes from: its data, its settings, and what it was trained with. */
import { parse } from 'csv-parse/sync';
import { counted, withCommas } from '../base/counts.js';
import { readFileIfPresent } from '../base/files.node.js';
import type { Dataset, Problem, Split } from '../data/sample.js';
import type { TrainConfig } from '../training/config.js';
import { DEFAULT_CONFIG } from '../training/config.js';
import type { Environment } from '../training/environment.js';
import type { RunFolder } from '../training/run-folder.js';
import type { Table } from './document.js';
import { table } from './document.js';
import { PART_NAMES } from './results.js';

const SPLITS: readonly Split[] = ['train', 'valid', 'test'];
const REASONS_SHOWN = 20;

/** Pictures by band and split. */
export function countsTable({ samples, classes }: Dataset): Table {
  const splits = SPLITS.filter((split) => samples.some((sample) => sample.split === split));
  const count = (label: number | undefined, split: Split | undefined): string =>
    withCommas(
      samples.filter((sample) => (label ?? sample.label) === sample.label && (split ?? sample.split) === sample.split).length,
    );
  const row = (name: string, label?: number): string[] => [
    ...[name, ...splits.map((split) => count(label, split)), count(label, undefined)],
  ];
  return table(
    'Pictures by band and part',
    ['Band', ...splits.map((split) => PART_NAMES[split].replace(/^./, (letter) => letter.toUpperCase())), 'All'],
    [...classes.map((name, label) => row(name, label)), row('All')],
  );
}

/** The problems that training met with its data. */
export async function recordedProblems(run: RunFolder): Promise<Problem[]> {
  const content = await readFileIfPresent(run.problemsFile);
  if (content === undefined) return [];
  const rows = parse<Record<string, string>>(content, { columns: true, relax_column_count: true });
  return rows.map(({ file = '', line = '', reason = '' }) => ({ file, reason, ...(line === '' ? {} : { line: Number(line) }) }));
}

/** Problems by their reason, the most frequent ones first, each with the first place where it was met. */
export function problemsTable(problems: readonly Problem[]): Table {
  const byReason = new Map<string, Problem[]>();
  for (const problem of problems) byReason.set(problem.reason, [...(byReason.get(problem.reason) ?? []), problem]);
  const reasons = [...byReason].toSorted(([, a], [, b]) => b.length - a.length);
  const rows = reasons.slice(0, REASONS_SHOWN).map(([reason, [first, ...others]]) => [
    ...[reason, withCommas(1 + others.length)],
    first!.line === undefined ? first!.file : `${first!.file}:${first!.line}`,
  ]);
  const more = reasons.length - rows.length;
  const rest = reasons.slice(REASONS_SHOWN).reduce((sum, [, { length }]) => sum + length, 0);
  if (more > 0) rows.push([`and ${counted(more, 'other reason')}`, withCommas(rest), '']);
  return table('What was left out, by reason', ['Reason', 'Times', 'First in'], rows, ['First in']);
}

/** Every setting, with the value that it has without an option where that is another. */
export function settingsTable(config: TrainConfig): Table {
  const names = new Set([...Object.keys(DEFAULT_CONFIG), ...Object.keys(config)]) as Set<keyof TrainConfig>;
  const rows = [...names].map((name) => {
    const value = config[name];
    const standard = name === 'data' ? undefined : DEFAULT_CONFIG[name];
    const isStandard = JSON.stringify(value) === JSON.stringify(standard);
    const isChosen = name === 'data' || name === 'classes' || name === 'from' || name === 'root';
    return { isStandard, cells: [name, settingText(value), isStandard ? 'default' : isChosen ? '' : `default: ${settingText(standard)}`] };
  });
  const ordered = [...rows.filter(({ isStandard }) => !isStandard), ...rows.filter(({ isStandard }) => isStandard)];
  return table('Settings, those first that are not the default', ['Setting', 'Value', ''], ordered.map(({ cells }) => cells), ['Value', '']);
}

/** A setting as tables show it. */
export function settingText(value: unknown): string {
  if (value === undefined) return 'none';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The machines and programs of the training, if it recorded them, and of the report. */
export function environmentTable(trained: Environment | undefined, measured: Environment): Table {
  const columns = [trained, measured].map((environment) =>
    environment === undefined
      ? undefined
      : {
          ageband: environment.ageband,
          'ONNX Runtime': environment.onnxRuntime,
          'Node.js': environment.node,
          System: environment.system,
          Processor: environment.processor,
          Cores: String(environment.cores),
          Memory: `${(environment.memory / 2 ** 30).toFixed(1)} GiB`,
          'Computed on': environment.device,
        },
  );
  const names = Object.keys(columns[1]!) as (keyof NonNullable<(typeof columns)[number]>)[];
  const rows = names.map((name) => [name, ...columns.map((column) => column?.[name] ?? 'not recorded')]);
  return table('Machine and programs', ['', 'Training', 'This report'], rows, ['Training', 'This report']);
}
