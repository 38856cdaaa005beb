/** What `ageband data` prints. */
import type { AdienceCounts } from '../data/sources/adience.js';
import type { LeftOutKind, SourceTable } from '../data/sources/source.js';
import type { SourceSummary } from '../data/sources/summary.js';
import type { WrittenSource } from '../data/sources/write-source.js';
import { defaultManifest } from '../data/sources/write-source.js';
import { alignedTable } from './columns.js';
import { firstProblems } from './problems.js';
import { shownPath } from './shown-path.js';
import { counted, withCommas } from './style.js';

const KINDS: Readonly<Record<LeftOutKind, string>> = {
  damaged: 'damaged, or not of the form',
  label: 'without a label that is used',
  between: 'of an age between two bands',
  repeat: 'repeats of a face',
  missing: 'not there, or behind a link that is not followed',
  unreadable: 'files that are no pictures',
};

/** What the fold files of Adience hold, and what was made of each label. */
export function adienceText({ rows, repeats, faces, subjects, albums, labels, labelled }: AdienceCounts): string {
  const table = labels.map(({ label, outcome, band, faces: count }) => [
    ...[label === '' ? '(nothing)' : label, outcome, band ?? '', withCommas(count)],
  ]);
  const all = labels.reduce((sum, count) => sum + count.faces, 0);
  const unit = all > faces ? 'rows' : 'faces';
  return [
    `${counted(rows, 'row')} in the fold files, ${withCommas(repeats)} of them repeats: ${counted(faces, 'face')} of ` +
      `${counted(subjects, 'subject')} in ${counted(albums, 'album')}`,
    '',
    ...alignedTable(
      [
        { heading: 'label', align: 'left' },
        { heading: 'outcome', align: 'left' },
        { heading: 'band', align: 'left' },
        { heading: unit, align: 'right' },
      ],
      [...table, ['total', '', '', withCommas(all)], ['with a band', '', '', withCommas(labelled)]],
    ),
    '',
  ].join('\n');
}

/** The pictures per class, beside the faces of the fold files where those are known, and what was left out. */
export function sourceText(summary: SourceSummary, counts?: AdienceCounts): string {
  const faces = new Map(counts?.perBand.map((count) => [count.band, count.faces]));
  const withFaces = (cells: string[], count: number | undefined): string[] =>
    counts === undefined ? cells : [cells[0]!, withCommas(count ?? 0), cells[1]!];
  const rows = summary.classes.map(({ name, pictures }) => withFaces([name, withCommas(pictures)], faces.get(name)));
  const ageOnly = counts?.labels.filter(({ outcome }) => outcome === 'age only').reduce((sum, c) => sum + c.faces, 0);
  if (summary.withoutBand > 0 || ageOnly) {
    rows.push(withFaces(['age only', withCommas(summary.withoutBand)], ageOnly));
  }
  const total = (counts?.labelled ?? 0) + (ageOnly ?? 0);
  rows.push(withFaces(['total', withCommas(summary.pictures)], total));
  const columns = [
    { heading: 'class', align: 'left' },
    ...(counts === undefined ? [] : [{ heading: 'fold files', align: 'right' } as const]),
    { heading: 'pictures', align: 'right' },
  ] as const;
  return [...alignedTable(columns, rows), ...leftOutLines(summary)].join('\n');
}

function leftOutLines({ leftOut }: SourceSummary): string[] {
  const rows = Object.entries(KINDS).flatMap(([kind, meaning]) => {
    const count = leftOut[kind as LeftOutKind];
    return count === undefined ? [] : [[withCommas(count), meaning]];
  });
  if (rows.length === 0) return [];
  const columns = [
    { heading: '', align: 'right' },
    { heading: '', align: 'left' },
  ] as const;
  return ['', 'Left out:', ...alignedTable(columns, rows).slice(1).map((line) => `  ${line}`)];
}

/** Where everything was written, and how to go on. */
export function writtenText({ folder, problems }: SourceTable, written: WrittenSource): string {
  const manifest = shownPath(written.manifest);
  const root = written.manifest === defaultManifest(folder) ? '' : ` --root ${quoted(shownPath(folder))}`;
  const lines = [];
  if (written.problems !== undefined) {
    const listed = problems.map((problem) => ({ ...problem, file: shownPath(problem.file) }));
    lines.push('', `What was left out, listed in ${shownPath(written.problems)}:`, ...firstProblems(listed).map((line) => `  ${line}`));
  }
  lines.push('', `Manifest: ${manifest}`);
  if (root !== '') lines.push('It does not lie in the folder of the pictures, so commands that read it need --root.');
  lines.push(`Next: ageband split ${quoted(manifest)}${root}`);
  return lines.join('\n');
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
