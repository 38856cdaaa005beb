import { posix } from 'node:path';

/**
 * Names for the crops of files: that of the file without its ending, in the same folder. Names that would be the same,
 * also on disks that do not tell capitals from small letters, are kept apart: `a.jpg` and `a.png` become `a.jpg` and
 * `a.png`, which get the ending of the crops on top, and where that is not enough, `~2` and so on.
 * @param files relative paths with `/`, each once; the same list gives the same names
 * @param ending of the crops, such as `.jpg`
 * @returns the names without the ending, in the order of the files
 */
export function cropStems(files: readonly string[], ending: string): string[] {
  const wanted = new Map<string, number>();
  for (const file of files) wanted.set(folded(stemOf(file)), (wanted.get(folded(stemOf(file))) ?? 0) + 1);
  const taken = new Set<string>();
  for (const folder of foldersOf(files)) for (const stem of stemsLike(folder, ending)) taken.add(stem);
  const isAlone = (name: string): boolean => wanted.get(name) === 1 && !taken.has(name);
  const take = (file: string): string => {
    let name = file;
    for (let number = 2; taken.has(folded(name)) || isAlone(folded(name)); number++) name = `${file}~${number}`;
    taken.add(folded(name));
    return name;
  };
  return files.map((file) => (isAlone(folded(stemOf(file))) ? stemOf(file) : take(file)));
}

function stemOf(file: string): string {
  return file.slice(0, file.length - posix.extname(file).length);
}

/** All folders above files, each once. */
function foldersOf(files: readonly string[]): Set<string> {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder = posix.dirname(file); folder !== '.' && !folders.has(folder); folder = posix.dirname(folder)) folders.add(folder);
  }
  return folders;
}

/** The stems of crops that would stand in the place of a folder: that of `a-2.jpg/` may be `a-2`, or `a` for a second face. */
function stemsLike(folder: string, ending: string): string[] {
  if (!folded(folder).endsWith(ending)) return [];
  const stem = folded(folder).slice(0, -ending.length);
  return [stem, stem.replace(/-\d+$/, '')];
}

/** What is the same for two names that some disk takes for one. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
