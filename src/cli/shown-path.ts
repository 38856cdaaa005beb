import { relative, resolve } from 'node:path';

/** A path as it can be typed in a command. */
export function quotedPath(path: string): string {
  return /\s/.test(path) ? `"${path}"` : path;
}

/** A path from where the user is, if it lies below. */
export function shownPath(path: string): string {
  const way = relative(process.cwd(), path);
  return way === '' || way.startsWith('..') || resolve(way) !== path ? path : way;
}
