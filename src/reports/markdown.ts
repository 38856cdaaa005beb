import type { Block, CaptionedPicture, Document, Image, Plot, Table } from './document.js';
import { visible } from './markup.js';

/** A file that belongs to a Markdown text. */
export type Attachment = { readonly name: string } & (
  | { readonly svg: string }
  | { readonly image: Image }
);

/** A text in GitHub's Markdown, and the files that it shows. */
export interface MarkdownDocument {
  readonly markdown: string;
  readonly attachments: readonly Attachment[];
}

/**
 * A document as Markdown. Plots become PNG files, `plot-NAME.png`, and pictures `picture-NUMBER.jpg` or `.png`.
 * @param folder where the files will be, relative to the text
 */
export function markdownOf(document: Document, footer: string, folder: string): MarkdownDocument {
  const attachments: Attachment[] = [];
  const writer = new Writer(folder, attachments);
  const parts = [
    `# ${escapeMarkdown(document.title)}`,
    ...document.lead.map(escapeMarkdown),
    ...document.sections.flatMap(({ title, blocks }) => [
      `## ${escapeMarkdown(title)}`,
      ...blocks.map((block) => writer.block(block)),
    ]),
    escapeMarkdown(footer),
  ];
  return { markdown: `${parts.join('\n\n')}\n`, attachments };
}

/** Writes blocks, and collects the files that they show. */
class Writer {
  readonly #folder: string;
  readonly #attachments: Attachment[];

  constructor(folder: string, attachments: Attachment[]) {
    this.#folder = folder;
    this.#attachments = attachments;
  }

  block(block: Block): string {
    switch (block.kind) {
      case 'text':
        return escapeMarkdown(block.text);
      case 'notice':
        return `> **Note:** ${escapeMarkdown(block.text)}`;
      case 'figures':
        return block.figures
          .map(({ label, value, note }) => {
            const behind = note === undefined ? '' : ` (${escapeMarkdown(note)})`;
            return `- ${escapeMarkdown(label)}: **${escapeMarkdown(value)}**${behind}`;
          })
          .join('\n');
      case 'table':
        return tableLines(block);
      case 'plots':
        return block.plots.map((plot) => this.#plot(plot)).join('\n\n');
      case 'code':
        return fenced(block.text);
      case 'pictures':
        return block.pictures.map((picture) => this.#picture(picture)).join('\n\n');
    }
  }

  #plot({ name, svg, description, tables = [] }: Plot): string {
    return [this.#attach({ name: `plot-${name}.png`, svg }, description), ...tables.map(tableLines)].join('\n\n');
  }

  #picture({ views, caption }: CaptionedPicture): string {
    const shown = views.map(({ image, description }) => {
      const number = this.#attachments.filter((attachment) => 'image' in attachment).length + 1;
      return this.#attach({ name: `picture-${number}.${image.type === 'jpeg' ? 'jpg' : 'png'}`, image }, description);
    });
    return `${shown.join(' ')}  \n${caption.map(escapeMarkdown).join('  \n')}`;
  }

  #attach(attachment: Attachment, description: string): string {
    this.#attachments.push(attachment);
    // In pointed brackets a path may hold spaces; within them, these few are not allowed.
    const path = `${this.#folder}/${attachment.name}`.replace(/[<>\\%\r\n]/g, encodeURIComponent);
    return `![${escapeMarkdown(description)}](<${path}>)`;
  }
}

function tableLines({ caption, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = `| ${columns.map(({ align }) => (align === 'right' ? '---:' : '---')).join(' | ')} |`;
  return [`${escapeMarkdown(caption)}:`, '', line(columns.map(({ heading }) => heading)), rule, ...rows.map(line)].join('\n');
}

/** Lines as they are, between fences that are longer than any in them. */
function fenced(content: string): string {
  const longest = Math.max(0, ...(content.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}\n${visible(content)}\n${fence}`;
}

/**
 * Text that stands for itself in Markdown, on one line. What would begin HTML is written as an entity, which holds in
 * those renderers too that know no escapes; all else that could be markup gets a backslash.
 */
export function escapeMarkdown(content: string): string {
  return visible(content)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]#|~!$]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/^(\d+)([.)] )/, '$1\\$2')
    .replace(/^([-+=])/, '\\$1');
}
