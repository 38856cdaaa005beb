/** The text of fold files as Adience has them. */
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
