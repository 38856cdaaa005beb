import { foldLine, foldText } from './fold-text.js';
import { temporaryFolder } from './folder.js';
import { tinyPicture } from './picture.js';

/** The five fold files in `folds/`; those that are not given hold no rows. */
export function foldFiles(folds: readonly (readonly string[])[]): Record<string, string> {
  const names = [0, 1, 2, 3, 4].map((fold) => [`folds/fold_${fold}_data.txt`, foldText(...(folds[fold] ?? []))]);
  return Object.fromEntries(names) as Record<string, string>;
}

/** A data set of four faces, one of them with a picture. */
export async function adienceFolder(): Promise<string> {
  return await temporaryFolder({
    ...foldFiles([
      [foldLine('x@N00', '1.jpg', 1, '(0, 2)', 'f'), foldLine('x@N00', '2.jpg', 1, '(0, 2)')],
      [foldLine('y@N00', '1.jpg', 2, '35'), foldLine('y@N00', '2.jpg', 2, 'None')],
    ]),
    'aligned/x@N00/landmark_aligned_face.1.1.jpg': await tinyPicture(),
  });
}
