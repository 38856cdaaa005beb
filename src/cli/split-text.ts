import type { Materialised } from '../data/materialise.js';
import type { ManifestSplit } from '../data/split-manifest.js';
import { table } from './table.js';
import { counted, withCommas } from './style.js';

/** The pictures and groups of each part, and where they are written, for people to read. */
export function splitText(split: ManifestSplit): string {
  const { column, parts, strata, counts, groups, groupCount, largestGroup, nearDuplicates, stratifiedBy, out } = split;
  const totals = parts.map((_, part) => counts.reduce((sum, row) => sum + row[part]!, 0));
  const pictures = sum(totals);
  const row = (name: string, values: readonly number[], all: number): string[] => [
    name,
    ...[...values, all].map(withCommas),
  ];
  const rows =
    stratifiedBy === undefined ? [] : strata.map((name, stratum) => row(name, counts[stratum]!, sum(counts[stratum]!)));
  const lines = table([
    ['', ...parts.map((part) => (column === 'fold' ? `fold ${part}` : part)), 'all'],
    ...rows,
    row('pictures', totals, pictures),
    ['share', ...totals.map((total) => `${((100 * total) / pictures).toFixed(1)} %`), ''],
    row('groups', groups, groupCount),
  ]);
  const by = split.groupedBy === undefined ? '' : ` by ${split.groupedBy}`;
  lines.push('', `${counted(groupCount, 'group')}${by}, the largest of ${counted(largestGroup, 'picture')}`);
  if (nearDuplicates !== undefined) {
    const { pairs, joinedGroups } = nearDuplicates;
    lines.push(
      `${counted(pairs, 'pair')} of pictures that are the same, which make ${counted(joinedGroups, 'group')} fewer`,
    );
  }
  return [...lines, `Written: ${out}`].join('\n');
}

/** What the user ought to know before relying on the split. */
export function splitWarnings({ groupedBy, stratifiedBy, nearDuplicates, leaks }: ManifestSplit): string[] {
  const warnings: string[] = [];
  if (groupedBy === undefined) {
    const kept = nearDuplicates === undefined ? 'nothing is kept together' : 'only copies are kept together';
    warnings.push(`not grouped by any column: ${kept}`);
  }
  if (stratifiedBy === undefined) warnings.push('not stratified by any column: the proportions are left to chance');
  if (leaks !== undefined) {
    const { groups, ofGroups, pictures, ofPictures } = leaks;
    const share = ((100 * pictures) / ofPictures).toFixed(1);
    warnings.push(
      `warning: ${withCommas(groups)} of the ${counted(ofGroups, 'subject')} of test are also in training; ` +
        `${withCommas(pictures)} of ${counted(ofPictures, 'test picture')} (${share} %) show one of them. ` +
        'The test measures in part how well a network remembers.',
    );
  }
  return warnings;
}

/** What has been made of the split in folders. */
export function materialisedText({ into, pictures, copiedInstead, withoutBand }: Materialised): string {
  const lines = [`${counted(pictures, 'picture')} in ${into}`];
  if (copiedInstead > 0) lines.push(`${counted(copiedInstead, 'picture')} copied, since no link could be made`);
  if (withoutBand > 0) lines.push(`${counted(withoutBand, 'picture')} without a band left out`);
  return lines.join('\n');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
