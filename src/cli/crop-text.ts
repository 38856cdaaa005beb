import { rateText } from '../base/counts.js';
import type { CropSummary } from '../jobs/crop/crop-pictures.js';
import { counted, withCommas } from './style.js';

/** A summary of a crop job for people, in two lines. */
export function cropText(summary: CropSummary): string {
  const { out, finished, pictures, withFace, withoutFace, unreadable, crops, done, picturesPerSecond } = summary;
  const seen = withFace + withoutFace + unreadable;
  const of = finished ? counted(pictures, 'picture') : `${withCommas(seen)} of ${counted(pictures, 'picture')}`;
  const rate = done === 0 ? 'all done before' : `${rateText(picturesPerSecond)} pictures/s`;
  return [
    `${of}: ${withCommas(withFace)} with a face, ${withCommas(withoutFace)} without, ${withCommas(unreadable)} unreadable`,
    `${counted(crops, 'crop')} in ${out}, ${rate}`,
  ].join('\n');
}
