/** Fold files as Adience has them, for tests. */
const HEADER =
  'user_id\toriginal_image\tface_id\tage\tgender\tx\ty\tdx\tdy\ttilt_ang\tfiducial_yaw_angle\tfiducial_score';

/** A line of a fold file. */
export function foldLine(album: string, picture: string, subject: number, age: string, gender = 'm'): string {
  return [album, picture, subject, age, gender, 0, 414, 1086, 1383, -115, 30, 17].join('\t');
}

/** A fold file with these lines below its header. */
export function foldText(...lines: string[]): string {
  return [HEADER, ...lines, ''].join('\n');
}

/** The five fold files in `folds/`; those that are not given hold no rows. */
export function foldFiles(folds: readonly (readonly string[])[]): Record<string, string> {
  const names = [0, 1, 2, 3, 4].map((fold) => [`folds/fold_${fold}_data.txt`, foldText(...(folds[fold] ?? []))]);
  return Object.fromEntries(names) as Record<string, string>;
}
