/**
 * Entry of a thread that writes runs up: drawing and measuring take long, and the thread that answers requests must stay
 * free. `routes.ts` is its other end.
 */
import { BroadcastChannel } from 'node:worker_threads';
import { serveTasks } from '../../base/worker-pool.node.js';
import { explanationModel } from '../../explain/explanation-model.js';
import { loadTrained } from '../../evaluation/model-source.js';
import { compareRuns } from '../../reports/compare.js';
import { comparisonDocument } from '../../reports/comparison-document.js';
import type { Document, Section } from '../../reports/document.js';
import { measureRun } from '../../reports/measured-run.js';
import { blocksMarkup } from '../../reports/page.js';
import { reportDocument } from '../../reports/report-document.js';
import { trainingSection } from '../../reports/training-section.js';
import { parseConfig } from '../../training/config.js';
import { readHistory } from '../../training/history.js';
import { openRun, readConfig } from '../../training/run-folder.js';

/** What is wanted. @property progress name of a channel that is told how far it is */
export type WriterTask =
  | { readonly kind: 'training'; readonly run: string }
  | { readonly kind: 'report'; readonly run: string; readonly progress: string }
  | { readonly kind: 'comparison'; readonly runs: readonly string[]; readonly progress: string }
  | { readonly kind: 'explainer'; readonly model: string };

/** A section as HTML that holds no scripts. */
export interface WrittenSection {
  readonly title: string;
  readonly html: string;
}

export interface WriterResult {
  readonly sections: readonly WrittenSection[];
  /** An ONNX file, of the task `explainer`. */
  readonly bytes?: Uint8Array;
}

/** Pictures that a run was trained on are no reason to show nothing: the page says so above the figures. */
const WITH_WARNINGS = { allowLeaks: true } as const;

/** How far a task is. */
export interface WriterProgress {
  readonly done: number;
  readonly total: number;
  readonly verb: string;
}

serveTasks(
  async (task: WriterTask): Promise<WriterResult> => {
    switch (task.kind) {
      case 'training':
        return { sections: [written(await curves(task.run))] };
      case 'report':
        return await listening(task.progress, async (tell) =>
          // The curves stand on the page already, and go on growing there.
          fromDocument(await reportDocument(await measureRun(task.run, {}, tell), true), ['Training']),
        );
      case 'comparison':
        return await listening(task.progress, async (tell) => fromDocument(await comparisonDocument(await compareRuns(task.runs, WITH_WARNINGS, tell)), []));
      case 'explainer':
        return { sections: [], bytes: explanationModel(await loadTrained(task.model)).bytes };
    }
  },
  ({ bytes }) => (bytes === undefined ? [] : [bytes.buffer as ArrayBuffer]),
);

async function curves(path: string): Promise<Section> {
  const run = await openRun(path);
  return await trainingSection(await readHistory(run), parseConfig(await readConfig(run)));
}

function fromDocument({ sections }: Document, except: readonly string[]): WriterResult {
  return { sections: sections.filter(({ title }) => !except.includes(title)).map(written) };
}

function written({ title, blocks }: Section): WrittenSection {
  return { title, html: blocksMarkup(blocks).html };
}

type Tell = (done: number, total: number, verb: string) => void;

/** Does something that tells how far it is, over a channel of that name. */
async function listening<Result>(name: string, work: (tell: Tell) => Promise<Result>): Promise<Result> {
  const channel = new BroadcastChannel(name);
  try {
    return await work((done, total, verb) => channel.postMessage({ done, total, verb } satisfies WriterProgress));
  } finally {
    channel.close();
  }
}
