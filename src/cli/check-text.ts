import type { FindingKind, ManifestCheck } from '../data/check-manifest.js';
import { FINDING_KINDS, TINY } from '../data/check-manifest.js';
import { counted, withCommas } from './style.js';
import { table } from './table.js';

const BAR = 40;
const EXAMPLES = 3;

const MEANINGS: Record<FindingKind, string> = {
  row: 'rows that cannot be used',
  unreadable: 'pictures that cannot be read',
  truncated: 'pictures that are cut off or damaged',
  tiny: `pictures with a side below ${TINY} pixels`,
  repeat: 'rows that repeat a file',
  duplicate: 'files with the same bytes',
  'near-duplicate': 'pairs of near copies',
  conflict: 'the same picture with different classes or ages',
  leak: 'subjects or copies in more than one split or fold',
};

/** The classes and what was found, with a few examples of each kind, for people to read. */
export function checkText({ rows, classes, findings }: ManifestCheck): string {
  const most = Math.max(...classes.map(({ pictures }) => pictures));
  const bars = table(classes.map(({ name, pictures }) => [name, withCommas(pictures)])).map(
    (line, index) => `${line}  ${'█'.repeat(Math.ceil((BAR * classes[index]!.pictures) / most))}`,
  );
  const lines = [counted(rows, 'row'), '', ...bars, ''];
  if (findings.length === 0) return [...lines, 'Nothing is wrong'].join('\n');
  for (const kind of FINDING_KINDS) {
    const ofKind = findings.filter((finding) => finding.kind === kind);
    if (ofKind.length === 0) continue;
    lines.push(`${withCommas(ofKind.length)} ${kind}: ${MEANINGS[kind]}`);
    for (const { file, other, detail } of ofKind.slice(0, EXAMPLES)) {
      lines.push(`  ${other === '' ? file : `${file}, ${other}`}: ${detail}`);
    }
    if (ofKind.length > EXAMPLES) lines.push('  ...');
  }
  return lines.join('\n');
}
