import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/folder.js';
import type { Dataset } from '../data/sample.js';
import { parseConfig } from '../training/config.js';
import { writeProblems } from '../training/pictures.js';
import { RunFolder } from '../training/run-folder.js';
import { countsTable, environmentTable, problemsTable, recordedProblems, settingsTable } from './provenance.js';

it('pictures are counted by band and part', () => {
  const samples = [
    { file: '1', label: 0, split: 'train' as const },
    { file: '2', label: 0, split: 'train' as const },
    { file: '3', label: 1, split: 'test' as const },
  ];
  const dataset: Dataset = { root: '/', kind: 'manifest', classes: ['a', 'b'], samples, problems: [] };
  const { columns, rows } = countsTable(dataset);
  expect(columns.map(({ heading }) => heading)).toEqual(['Band', 'Training', 'Test', 'All']);
  expect(rows).toEqual([['a', '2', '0', '2'], ['b', '0', '1', '1'], ['All', '2', '1', '3']]);
});

it('problems are grouped by their reason, the most frequent first', async () => {
  const run = new RunFolder(await temporaryFolder());
  expect(await recordedProblems(run)).toEqual([]);
  const problems = [
    { file: 'a,"b.csv', line: 3, reason: 'the file is empty' },
    { file: 'c.jpg', reason: 'not found' },
    { file: 'd.jpg', reason: 'not found' },
  ];
  await writeProblems(run, problems);
  expect(await recordedProblems(run)).toEqual(problems);
  expect(problemsTable(problems).rows).toEqual([['not found', '2', 'c.jpg'], ['the file is empty', '1', 'a,"b.csv:3']]);
});

it('of very many reasons the rest is summed up', () => {
  const problems = Array.from({ length: 23 }, (_, index) => ({ file: `${index}.jpg`, reason: `reason ${index}` }));
  const { rows } = problemsTable([...problems, { file: 'x', reason: 'reason 22' }]);
  expect(rows[0]).toEqual(['reason 22', '2', '22.jpg']);
  expect(rows).toHaveLength(21);
  expect(rows.at(-1)).toEqual(['and 3 other reasons', '3', '']);
});

it('settings that were chosen come first, with the default that they replace', () => {
  const { rows } = settingsTable(parseConfig({ data: '/faces', epochs: 3, augment: false, classes: ['a', 'b'] }));
  const row = (name: string) => rows.find(([setting]) => setting === name);
  expect(row('epochs')).toEqual(['epochs', '3', 'default: 40']);
  expect(row('augment')).toEqual(['augment', 'no', 'default: yes']);
  expect(row('batchSize')).toEqual(['batchSize', '50', 'default']);
  expect(row('data')).toEqual(['data', '/faces', '']);
  const names = rows.map(([setting]) => setting!);
  expect(names.slice(0, 4).sort()).toEqual(['augment', 'classes', 'data', 'epochs']);
});

it('an environment that was not recorded is said to be so', () => {
  const here = { ageband: '1.0.0', onnxRuntime: '1.30.0', node: '20.0.0', system: 'Linux', processor: 'X', cores: 2, memory: 2 ** 31, device: 'cpu' } as const;
  const { rows } = environmentTable(undefined, here);
  expect(rows[0]).toEqual(['ageband', 'not recorded', '1.0.0']);
  expect(rows.slice(-2)).toEqual([
    ['Memory', 'not recorded', '2.0 GiB'],
    ['Computed on', 'not recorded', 'cpu'],
  ]);
});
