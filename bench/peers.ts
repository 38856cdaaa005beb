/**
 * How well other JavaScript libraries and a model of ours tell ages, on the same pictures; see docs/peers.md.
 *   npm run bench:peers -- MANIFEST [--root FOLDER] [--split NAME] [--sample COUNT] [--seed NUMBER] [--json]
 *                          [--model RUN_OR_ONNX] [--change NAME] [--only PEER,PEER...]
 * The manifest has the columns `file` and `age`, and may have `split` and one for groups.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/base/errors.js';
import { PURPOSE, randomStream } from '../src/base/random.js';
import { pictureProgress } from '../src/cli/progress.js';
import { table } from '../src/cli/table.js';
import { bandOfAge } from '../src/data/bands.js';
import { groupIndices } from '../src/data/groups.js';
import { columnValues, findColumn, readManifestRows, SUBJECT_COLUMNS } from '../src/data/manifest-rows.js';
import type { Interval } from '../src/evaluation/intervals.js';
import { quantile } from '../src/evaluation/intervals.js';
import type { Answer } from './peers/answer.js';
import { CHANGES } from './peers/changes.js';
import type { ChangeName } from './peers/changes.js';
import { PEERS, peerFile } from './peers/estimator.js';
import type { PeerName } from './peers/estimator.js';
import { PeerProcess } from './peers/peer-process.js';
import { scoresOf } from './peers/scores.js';
import type { Scores } from './peers/scores.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ root: { type: 'string' }, split: { type: 'string' }, sample: { type: 'string' }, seed: { type: 'string', default: '1' } },
    ...{ model: { type: 'string' }, change: { type: 'string', default: 'none' }, json: { type: 'boolean', default: false } },
    only: { type: 'string', default: PEERS.join(',') },
  },
});

interface Picture {
  readonly file: string;
  readonly age: number;
  readonly band: number | undefined;
  readonly group: string | undefined;
}

/** The pictures of the manifest whose age is known, or so many of them at random. */
async function samplePictures(manifest: string): Promise<Picture[]> {
  const rows = await readManifestRows(manifest, values.root);
  const ages = columnValues(rows, 'age');
  const splits = columnValues(rows, 'split');
  const groups = columnValues(rows, findColumn(rows, SUBJECT_COLUMNS));
  const pictures = rows.rows.flatMap(({ file }, index): Picture[] => {
    const age = Number(ages[index] ?? NaN);
    if (!(age >= 0) || (values.split !== undefined && splits[index] !== values.split)) return [];
    return [{ file, age, band: bandOfAge(age), group: groups[index] }];
  });
  if (pictures.length === 0) throw new Error(`${manifest}: no row has an age${values.split ? ` and the split ${values.split}` : ''}`);
  const count = values.sample === undefined ? pictures.length : numberOf('sample', values.sample);
  return randomStream(numberOf('seed', values.seed), PURPOSE.split).shuffle(pictures).slice(0, count);
}

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !(number >= 0)) throw new Error(`--${option} takes a number, got ${text}`);
  return number;
}

function oneOf<Name extends string>(option: string, names: readonly Name[], text: string): Name {
  const name = names.find((known) => known === text);
  if (name === undefined) throw new Error(`--${option} knows ${names.join(', ')}, got ${text}`);
  return name;
}

/** What one peer says of all pictures; a picture on which it fails counts as one without a face. */
async function askAll(name: PeerName, pictures: readonly Picture[], change: ChangeName): Promise<Answer[]> {
  const peer = new PeerProcess(name, values.model);
  const progress = pictureProgress(process.stderr, `by ${name}`);
  const answers: Answer[] = [];
  try {
    await peer.start();
    for (const { file } of pictures) {
      progress.show(answers.length, pictures.length);
      const answer = await peer.ask({ file, change });
      answers.push(answer);
      if (answer.kind === 'estimate') continue;
      progress.close();
      console.error(`${name}: ${answer.reason.includes(file) ? '' : `${file}: `}${answer.reason}`);
    }
  } finally {
    progress.close();
    peer.stop();
  }
  return answers;
}

interface Row {
  readonly peer: PeerName;
  readonly scores: Scores;
  readonly intervals: Record<keyof Scores, Interval> | undefined;
  /** Median, without decoding. */
  readonly milliseconds: number;
}

function rowOf(peer: PeerName, pictures: readonly Picture[], answers: readonly Answer[]): Row {
  // No peer can be blamed for a picture that cannot be read.
  const read = pictures.flatMap((picture, index) => {
    const answer = answers[index]!;
    if (answer.kind === 'unreadable') return [];
    return [{ ...picture, estimate: answer.kind === 'estimate' ? answer.estimate : undefined }];
  });
  if (read.length === 0) throw new Error('none of the pictures can be read');
  const times = answers.flatMap((answer) => (answer.kind === 'estimate' ? answer.milliseconds : [])).sort((a, b) => a - b);
  const scored = scoresOf(read, groupIndices(read.map(({ group }) => group)));
  return { peer, ...scored, milliseconds: times.length === 0 ? NaN : quantile(times, 0.5) };
}

function tableOf(rows: readonly Row[]): string[] {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const cell = ({ scores, intervals }: Row, name: keyof Scores): string => {
    const text = name === 'error' ? (value: number) => value.toFixed(2) : percent;
    const interval = intervals?.[name];
    return `${text(scores[name])}${interval === undefined ? '' : ` (${text(interval.low)} – ${text(interval.high)})`}`;
  };
  const names = ['found', 'error', 'exact', 'oneOff', 'balanced'] as const;
  return table([
    ['', 'found, %', 'mean error, years', 'exact band, %', 'one-off, %', 'balanced, %', 'ms'],
    ...rows.map((row) => [row.peer, ...names.map((name) => cell(row, name)), row.milliseconds.toFixed(0)]),
  ]);
}

const [manifest] = positionals;
if (manifest === undefined) throw new Error('give a CSV manifest with the columns file and age');
if (!existsSync(peerFile('@vladmandic/face-api'))) {
  throw new Error('the peers are not installed: npm ci --prefix bench/peers');
}
const change = oneOf('change', Object.keys(CHANGES) as ChangeName[], values.change);
const only = values.only.split(',').map((name) => oneOf('only', PEERS, name));
const pictures = await samplePictures(manifest);
const banded = pictures.filter(({ band }) => band !== undefined).length;
console.error(`${pictures.length} pictures, ${banded} of them of an age band`);
const rows: Row[] = [];
for (const name of only) {
  try {
    rows.push(rowOf(name, pictures, await askAll(name, pictures, change)));
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
    if (name === 'ours') break;
  }
}
if (rows.length === 0) process.exit();
if (values.json) console.log(JSON.stringify({ pictures: pictures.length, banded, rows }, null, 2));
else for (const line of tableOf(rows)) console.log(line);
