import { crc32 } from "node:zlib";

export const CRC_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME"] as const;
export type CrcAlgorithm = (typeof CRC_ALGORITHMS)[number];

/**
 * Polynomials with their bits reversed.
 *
 * @see https://reveng.sourceforge.io/crc-catalogue/all.htm
 */
const POLYNOMIALS: Readonly<Record<CrcAlgorithm, bigint>> = {
  CRC32: 0xedb88320n,
  CRC32C: 0x82f63b78n,
  CRC64NVME: 0x9a6c9329ac4bc9b5n,
};

/** The cyclic redundancy check of data that arrives in pieces. */
export interface Crc {
  update(data: Uint8Array): void;
  /** Big-endian. */
  digest(): Buffer;
}

export function createCrc(algorithm: CrcAlgorithm): Crc {
  switch (algorithm) {
    case "CRC32":
      return crcOf32Bits(crc32);
    case "CRC32C":
      return crcOf32Bits(crc32c);
    case "CRC64NVME":
      return new Crc64();
  }
}

function crcOf32Bits(next: (data: Uint8Array, previous: number) => number): Crc {
  let value = 0;
  return {
    update: (data) => {
      value = next(data, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

/** The CRC of each byte alone, of which the CRC of a text is made. */
function tableOf(polynomial: bigint): bigint[] {
  return Array.from({ length: 256 }, (_, byte) => {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1n ? polynomial ^ (value >> 1n) : value >> 1n;
    }
    return value;
  });
}

const CRC32C_TABLE = Uint32Array.from(tableOf(POLYNOMIALS.CRC32C), Number);

/** CRC32C of earlier data, whose CRC32C is `previous`, followed by `data`. Node's zlib has only CRC32. */
export function crc32c(data: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (const byte of data) {
    crc = (CRC32C_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

const CRC64_TABLE = tableOf(POLYNOMIALS.CRC64NVME);
const CRC64_TABLE_LOW = Uint32Array.from(CRC64_TABLE, (value) => Number(value & 0xffffffffn));
const CRC64_TABLE_HIGH = Uint32Array.from(CRC64_TABLE, (value) => Number(value >> 32n));

/** In two halves of 32 bits: a BigInt for each byte would take a hundred times as long. */
class Crc64 implements Crc {
  #low = 0xffffffff;
  #high = 0xffffffff;

  update(data: Uint8Array): void {
    let low = this.#low;
    let high = this.#high;
    for (const byte of data) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (CRC64_TABLE_LOW[index] ?? 0);
      high = (high >>> 8) ^ (CRC64_TABLE_HIGH[index] ?? 0);
    }
    this.#low = low;
    this.#high = high;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes;
  }
}

/**
 * The CRC of parts one after the other, from the CRC and the length in bytes of each.
 *
 * Appending n zero bytes multiplies a CRC by x^(8n) modulo the polynomial, as in zlib's `crc32_combine`.
 *
 * @see https://github.com/madler/zlib/blob/develop/crc32.c
 */
export function combineCrcs(
  algorithm: CrcAlgorithm,
  parts: readonly { readonly crc: Buffer; readonly size: number }[],
): Buffer {
  const field = new PolynomialField(POLYNOMIALS[algorithm], algorithm === "CRC64NVME" ? 64 : 32);
  const factors = new Map<number, bigint>();
  const combined = parts.reduce((crc, part) => {
    // All parts but the last have one size, mostly.
    const factor = factors.get(part.size) ?? field.powerOfX(8n * BigInt(part.size));
    factors.set(part.size, factor);
    return field.multiply(crc, factor) ^ BigInt(`0x${part.crc.toString("hex")}`);
  }, 0n);
  const digits = algorithm === "CRC64NVME" ? 16 : 8;
  return Buffer.from(combined.toString(16).padStart(digits, "0"), "hex");
}

/** Polynomials over GF(2) modulo one. The highest bit stands for x^0, because all bits are reversed. */
class PolynomialField {
  readonly #modulus: bigint;
  readonly #one: bigint;

  constructor(modulus: bigint, width: number) {
    this.#modulus = modulus;
    this.#one = 1n << BigInt(width - 1);
  }

  multiply(a: bigint, b: bigint): bigint {
    let product = 0n;
    let shifted = b;
    for (let bit = this.#one; bit !== 0n; bit >>= 1n) {
      if (a & bit) {
        product ^= shifted;
      }
      shifted = shifted & 1n ? (shifted >> 1n) ^ this.#modulus : shifted >> 1n;
    }
    return product;
  }

  powerOfX(exponent: bigint): bigint {
    let power = this.#one;
    let square = this.#one >> 1n;
    for (let rest = exponent; rest > 0n; rest >>= 1n) {
      if (rest & 1n) {
        power = this.multiply(power, square);
      }
      square = this.multiply(square, square);
    }
    return power;
  }
}
