/**
 * Two faults in JPEG files that decoders warn of although no pixel is wrong: some phones write scan parameters that mean
 * nothing in a sequential picture, and some cameras fill the end of the picture's data up with zeros.
 */

const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;
/** Frame headers: all markers of this range but those for tables. */
const FRAMES = { first: 0xc0, last: 0xcf, others: [0xc4, 0xc8, 0xcc] };
/** Baseline and extended sequential. */
const SEQUENTIAL = [0xc0, 0xc1];
/** What the parameters of a sequential scan must be: all coefficients, no approximation (ITU-T T.81, B.2.3). */
const SEQUENTIAL_SCAN = [0, 63, 0];

/** A copy of a JPEG without these faults; `undefined` when it has none of them, or is no JPEG. */
export function withoutHarmlessFaults(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== START_OF_IMAGE) return undefined;
  const mended = Uint8Array.from(bytes);
  let sequential = false;
  let changed = false;
  let position = 2;
  while (position + 3 < bytes.length && bytes[position] === 0xff) {
    const marker = bytes[position + 1]!;
    if (marker === 0xff) {
      position++;
      continue;
    }
    if (marker === END_OF_IMAGE) break;
    const end = position + 2 + bytes[position + 2]! * 256 + bytes[position + 3]!;
    if (isFrame(marker)) sequential = SEQUENTIAL.includes(marker);
    if (marker === START_OF_SCAN && sequential && end <= bytes.length) {
      changed = setBytes(mended, end - SEQUENTIAL_SCAN.length, SEQUENTIAL_SCAN) || changed;
    }
    position = marker === START_OF_SCAN ? endOfScan(bytes, end) : end;
  }
  if (bytes[position] !== 0xff || bytes[position + 1] !== END_OF_IMAGE) return changed ? mended : undefined;
  const filled = startOfFilling(bytes, position);
  if (filled === position) return changed ? mended : undefined;
  mended.copyWithin(filled, position);
  return mended.subarray(0, mended.length - (position - filled));
}

function isFrame(marker: number): boolean {
  return marker >= FRAMES.first && marker <= FRAMES.last && !FRAMES.others.includes(marker);
}

/** Whether any of them was another. */
function setBytes(target: Uint8Array, from: number, values: readonly number[]): boolean {
  const differ = values.some((value, index) => target[from + index] !== value);
  target.set(values, from);
  return differ;
}

/** Where the next marker stands that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  let position = bytes.indexOf(0xff, from);
  while (position !== -1 && position + 1 < bytes.length) {
    const next = bytes[position + 1]!;
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return position;
    position = bytes.indexOf(0xff, position + 1);
  }
  return bytes.length;
}

/** Where the zeros before a marker begin. A zero after 0xff is stuffed, and part of the data. */
function startOfFilling(bytes: Uint8Array, marker: number): number {
  let start = marker;
  while (bytes[start - 1] === 0 && bytes[start - 2] !== 0xff) start--;
  return start;
}
