/** HTML that is safe by construction: whatever is put into a template is escaped, unless it came from a template. */

/** A piece of HTML. */
export class Markup {
  readonly html: string;

  constructor(html: string) {
    this.html = html;
  }
}

type Value = string | number | Markup | undefined | readonly Value[];

/**
 * A template literal that escapes what is put into it, as text or as the value of an attribute in double quotes.
 * Lists are joined; `undefined` leaves nothing.
 * @example html`<p title="${name}">${name}</p>`.html
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(strings.map((part, index) => (index === 0 ? part : render(values[index - 1]) + part)).join(''));
}

function render(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.html;
  if (typeof value === 'object') return value.map(render).join('');
  return escapeHtml(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Text that stands for itself in HTML, in an element or a quoted attribute. Control characters, which HTML does not
 * allow, and those that turn the direction of text, which could make a name read as another, are shown as U+FFFD.
 */
export function escapeHtml(content: string): string {
  return visible(content).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Line ends and tabs apart, control characters, halves of characters, and marks that turn the direction of text. */
const UNSEEN = /(?![\t\n\r])[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text without characters that are not seen but change what is: see {@link escapeHtml}. */
export function visible(content: string): string {
  return content.replace(UNSEEN, '\ufffd');
}
