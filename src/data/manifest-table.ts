import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';

/** One line below the header: its values, or what is wrong with it. */
export type Row = { line: number; values: string[] } | { line: number; values?: undefined; damage: string };

/** A CSV text, line by line. */
export interface Table {
  header: string[];
  rows: Row[];
}

/**
 * Splits a CSV text (RFC 4180) into its header and rows. Each line is read for itself, so that a quote that is never
 * closed spoils its own line and not the rest of the file; hence a value cannot span lines. A byte order mark, either
 * kind of line end and blank lines are accepted.
 * @param delimiter what stands between two values.
 */
export function readTable(text: string, delimiter = ','): Table {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const table: Table = { header: [], rows: [] };
  for (const [index, content] of lines.entries()) {
    if (content.trim() === '') continue;
    const row = readRow(content, index + 1, delimiter);
    if (table.header.length === 0) table.header = (row.values ?? [content]).map((name) => name.trim());
    else table.rows.push(checkLength(row, table.header.length));
  }
  return table;
}

function readRow(content: string, line: number, delimiter: string): Row {
  if (content.includes('\uFFFD')) return { line, damage: 'the line holds characters that cannot be read' };
  try {
    const [values] = parse(content, { delimiter });
    return { line, values: values ?? [] };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { line, damage: 'the quotes do not match' };
  }
}

function checkLength(row: Row, columns: number): Row {
  if (row.values === undefined || row.values.length === columns) return row;
  return { line: row.line, damage: `${columns} columns expected, got ${row.values.length}` };
}
