/**
 * TFRecord, the framing of TensorFlow's record and event files
 * (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details).
 */

/** The Castagnoli polynomial 0x1edc6f41, bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const MASK_DELTA = 0xa282ead8;

/** The checksum's change for each value of a byte. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  return remainder;
});

/** CRC-32C, the Castagnoli checksum of RFC 3720, as an unsigned 32-bit integer. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ TABLE[(remainder ^ byte) & 0xff]!;
  return ~remainder >>> 0;
}

/** A record: its length in eight bytes, their checksum, the data and their checksum, all little-endian. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(8 + 4 + data.length + 4);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}

/** Masked, because the checksum of data that hold their own checksum says little. */
function maskedCrc32c(bytes: Uint8Array): number {
  const checksum = crc32c(bytes);
  return (((checksum >>> 15) | (checksum << 17)) + MASK_DELTA) >>> 0;
}
