/** Pictures of every type that is decoded. */
import { crc32 } from 'node:zlib';
import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { decodePicture, pictureSize } from '../../../src/images/decode.node.js';
import { pictureTypeOf } from '../../../src/images/picture-type.js';
import type { Family, Format } from '../format.js';
import { mutatedBinary } from '../mutations.js';

const SIDE = 24;

/** Pictures of a type as different encoders write them. */
async function samplesOf(): Promise<Record<string, Buffer[]>> {
  const data = Uint8Array.from({ length: 4 * SIDE ** 2 }, (_, index) => (index * 7919) % 256);
  const plain = sharp(data, { raw: { width: SIDE, height: SIDE, channels: 4 } });
  const all = (...pictures: Sharp[]): Promise<Buffer[]> => Promise.all(pictures.map((picture) => picture.toBuffer()));
  const opaque = (): Sharp => plain.clone().removeAlpha();
  const turned = opaque().withMetadata({ orientation: 6, density: 300 });
  return {
    jpeg: await all(opaque().jpeg(), turned.jpeg({ progressive: true }), opaque().greyscale().jpeg({ quality: 20 }), opaque().toColourspace('cmyk').jpeg()),
    png: await all(plain.clone().png(), opaque().png({ palette: true, colours: 16 }), opaque().png({ progressive: true }), opaque().toColourspace('rgb16').png()),
    webp: await all(plain.clone().webp(), opaque().webp({ lossless: true })),
    gif: await all(plain.clone().gif(), opaque().gif({ colours: 8 })),
    tiff: await all(opaque().tiff({ compression: 'lzw' }), opaque().tiff({ compression: 'jpeg' }), plain.clone().tiff({ tile: true, tileWidth: 16, tileHeight: 16, pyramid: true }), opaque().tiff({ compression: 'deflate', bigtiff: true })),
    avif: await all(opaque().avif({ effort: 0 }), plain.clone().avif({ effort: 0, lossless: true })),
  };
}

/** A GIF takes 12 bytes for each while it is decoded, whatever its file has: more would not fit into the memory of a case. */
const LIMIT = { maxPixels: 40e6 };

const SIGNATURE = 8;
const OVERHEAD = 12;

/** A PNG whose checksums are right again, so that its decoder looks at what it says. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let start = SIGNATURE; start + OVERHEAD <= copy.length; ) {
    const end = start + OVERHEAD + copy.readUInt32BE(start);
    if (end > copy.length) break;
    copy.writeUInt32BE(crc32(copy.subarray(start + 4, end - 4)), end - 4);
    start = end;
  }
  return copy;
}

export async function openPictures(): Promise<Family> {
  const samples = await samplesOf();
  const read: Format['read'] = async (bytes, file) => {
    pictureTypeOf(bytes);
    await pictureSize(bytes);
    await decodePicture(file, { width: 8, height: 8, ...LIMIT });
    await decodePicture(bytes, LIMIT);
  };
  const casesOf = (type: string, files: readonly Buffer[]): Arbitrary<Uint8Array> =>
    type === 'png' ? fc.oneof(mutatedBinary(files), mutatedBinary(files).map(withChecksums)) : mutatedBinary(files);
  return { formats: Object.entries(samples).map(([type, files]) => ({ name: type, cases: casesOf(type, files), read })) };
}
