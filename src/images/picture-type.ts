/** Formats of picture files that can be told by their first bytes. */
export type PictureType = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff' | 'avif' | 'heic';

/** How many bytes {@link pictureTypeOf} looks at. */
const HEAD = 64;

/** Brands of ISO base media files (ISO/IEC 23008-12 and the AVIF specification). */
const AVIF_BRANDS = ['avif', 'avis'];
const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];

/**
 * The format of a picture by what is in it, whatever its name says; undefined for anything else, such as SVG, which is a
 * program for a renderer rather than a picture. HEIC is told apart so that a message can name it: nothing here decodes it.
 */
export function pictureTypeOf(bytes: Uint8Array): PictureType | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD));
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return 'webp';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  if (['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((start) => head.startsWith(start))) return 'tiff';
  if (head.startsWith('ftyp', 4)) return mediaTypeOf(head);
  return undefined;
}

/** By the main brand, or else the compatible ones: a general brand such as `mif1` says nothing of the coding. */
function mediaTypeOf(head: string): PictureType | undefined {
  const brands = [head.slice(8, 12), ...(head.slice(16).match(/.{4}/gs) ?? [])];
  if (brands.some((brand) => AVIF_BRANDS.includes(brand))) return 'avif';
  return HEIC_BRANDS.includes(brands[0]!) ? 'heic' : undefined;
}
