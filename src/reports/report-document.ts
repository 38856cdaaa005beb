import { basename, resolve } from 'node:path';
import { parseConfig } from '../training/config.js';
import type { TrainConfig } from '../training/config.js';
import { currentEnvironment, readEnvironment } from '../training/environment.js';
import { readHistory } from '../training/history.js';
import { openRun, readConfig } from '../training/run-folder.js';
import { bandsSection, calibrationSection, columnSection, confusionSection } from './band-sections.js';
import { commandOf, shortestPath } from './command-line.js';
import type { Block, Document, Section } from './document.js';
import { text } from './document.js';
import { heatMapSection } from './heat-maps.js';
import type { MeasuredRun } from './measured-run.js';
import { mistakesBlocks } from './mistakes.js';
import { countsTable, environmentTable, problemsTable, recordedProblems, settingsTable } from './provenance.js';
import { judgingPart, partsTable, summaryBlocks } from './results.js';
import { trainingSection } from './training-section.js';

/**
 * Everything there is to say about a run.
 * @param pictures whether the report shows pictures of the data set
 */
export async function reportDocument(measured: MeasuredRun, pictures: boolean): Promise<Document> {
  const { run, config, parts } = measured;
  const part = judgingPart(parts);
  const { judgement } = part;
  const sections: Section[] = [
    { title: 'Results', blocks: summaryBlocks(part) },
    await trainingSection(await readHistory(run), config),
    { title: 'Training, validation and test', blocks: [partsTable(parts)] },
    await bandsSection(judgement),
    await confusionSection(judgement),
    await calibrationSection(part),
    ...part.columns.map(columnSection),
    { title: 'Worst mistakes', blocks: await mistakesBlocks(judgement.worstMistakes, pictures) },
    ...(pictures ? [await heatMapSection(measured, part)] : []),
    { title: 'Data', blocks: await dataBlocks(measured) },
    { title: 'Settings', blocks: [settingsTable(config)] },
    { title: 'Made with', blocks: await originBlocks(measured) },
  ];
  return {
    title: basename(resolve(run.path)),
    lead: [
      `${config.model} at ${config.imageSize} × ${config.imageSize} pixels, ` +
        `${config.from === undefined ? 'trained' : 'fine-tuned'} on ${shortestPath(config.data)}`,
      pictures
        ? 'This report holds photos of the data set. Faces are personal data: think before you pass it on.'
        : 'This report holds no photos of the data set.',
    ],
    sections,
  };
}

async function dataBlocks({ run, dataset, unread }: MeasuredRun): Promise<Block[]> {
  const recorded = await recordedProblems(run);
  const known = new Set(recorded.map(({ file, reason }) => `${file}\n${reason}`));
  const all = [...recorded, ...unread.filter(({ file, reason }) => !known.has(`${file}\n${reason}`))];
  return [
    countsTable(dataset),
    ...(all.length === 0 ? [text('Nothing was left out.')] : [problemsTable(all)]),
  ];
}

async function originBlocks({ run, config }: MeasuredRun): Promise<Block[]> {
  const command = commandOf(run.path, config, await baseConfig(config));
  return [
    ...(command === undefined
      ? [text('No command line starts this run again: its settings differ from those of the run that it was fine-tuned from in a way that no option can say, or that run is not there any more.')]
      : [text('This run again, in another folder:'), { kind: 'code', text: command } as const]),
    environmentTable(await readEnvironment(run), await currentEnvironment('cpu')),
  ];
}

/** The settings of the run that a run was fine-tuned from, if it is still there. */
async function baseConfig({ from }: TrainConfig): Promise<TrainConfig | undefined> {
  if (from === undefined) return undefined;
  try {
    return parseConfig(await readConfig(await openRun(from)));
  } catch {
    return undefined;
  }
}
