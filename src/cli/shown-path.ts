import { relative, resolve } from 'node:path';

/** A path from where the user is, if it lies below. */
export function shownPath(path: string): string {
  const way = relative(process.cwd(), path);
  return way === '' || way.startsWith('..') || resolve(way) !== path ? path : way;
}
