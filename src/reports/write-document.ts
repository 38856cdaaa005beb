import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConfigError } from '../base/errors.js';
import { makeFolder, requireWritableFolder, writeFileAtomic } from '../base/files.node.js';
import { renderPng } from '../evaluation/plots.node.js';
import type { Document } from './document.js';
import { markdownOf } from './markdown.js';
import { pageOf } from './page.js';

/** Where a document goes: the page, the same as Markdown, and the folder with the files that the Markdown shows. */
export interface DocumentFiles {
  readonly html: string;
  readonly markdown: string;
  readonly folder: string;
}

/** What stands at the end of every document. */
const FOOTER = 'Written by ageband. The page is complete: it loads nothing and runs no scripts.';

/** What this module names its files; a folder beside the Markdown may hold others. */
const ATTACHMENT = /^(?:plot-[a-z0-9-]+|picture-\d+)\.(?:png|jpg)$/;

/**
 * The files of a document whose page is to be `html`. Check them before long work.
 * @throws {ConfigError} when it is not named as a page.
 * @throws {FileError} when its folder is missing or cannot be written to.
 */
export async function documentFiles(html: string): Promise<DocumentFiles> {
  if (!/.\.html$/.test(basename(html))) {
    throw new ConfigError(`${html}: the page must have the ending .html`, { hint: 'The Markdown is written beside it, with .md.' });
  }
  await requireWritableFolder(html);
  const stem = html.slice(0, -'.html'.length);
  return { html, markdown: `${stem}.md`, folder: `${stem}-files` };
}

/**
 * Writes a document as a page and as Markdown. Files that an earlier one has left in the folder are removed.
 * @throws {FileError} when one cannot be written.
 */
export async function writeDocument(document: Document, { html, markdown, folder }: DocumentFiles): Promise<void> {
  const text = markdownOf(document, FOOTER, basename(folder));
  await makeFolder(folder);
  const names = new Set(text.attachments.map(({ name }) => name));
  for (const attachment of text.attachments) {
    const content = 'svg' in attachment ? await renderPng(attachment.svg) : attachment.image.bytes;
    await writeFileAtomic(join(folder, attachment.name), content);
  }
  await writeFileAtomic(markdown, text.markdown);
  await writeFileAtomic(html, await pageOf(document, FOOTER));
  for (const name of await readdir(folder)) {
    if (ATTACHMENT.test(name) && !names.has(name)) await rm(join(folder, name));
  }
}

