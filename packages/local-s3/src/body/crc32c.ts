/** The Castagnoli polynomial, bits reversed. @see https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4 */
const polynomial = 0x82f63b78;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? polynomial ^ (value >>> 1) : value >>> 1;
  }
  return value;
});

/** CRC32C of `data` appended to what gave `previous`; Node has CRC32 only. */
export function crc32c(data: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (const byte of data) {
    crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
