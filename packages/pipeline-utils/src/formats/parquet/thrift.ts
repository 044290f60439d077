/** The types of Thrift's compact protocol. */
export const THRIFT_TYPES = {
  TRUE: 1,
  FALSE: 2,
  BYTE: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  SET: 10,
  MAP: 11,
  STRUCT: 12,
} as const;

/** A value as the message has it, without the names that only its schema knows. A double is its eight bytes. */
export type ThriftValue = boolean | bigint | Uint8Array | ThriftList | ThriftStruct;

/** A list or a set. */
export interface ThriftList {
  readonly elementType: number;
  readonly items: readonly ThriftValue[];
}

/** The fields of a struct by their ids, in the order of the message. */
export type ThriftStruct = ReadonlyMap<number, ThriftField>;

/** A field of a struct. */
export interface ThriftField {
  readonly type: number;
  readonly value: ThriftValue;
}

/** Limit of the nesting. No real footer is nested this deep. */
const MAX_NESTED_VALUES = 32;
const MAX_VARINT_BYTES = 10;
/**
 * A value of one byte in the file takes 100 to 200 bytes once it is read. A column of a row group has about 25 values
 * in a footer, so this limit allows 160,000 such columns.
 */
const MAX_VALUES = 4_000_000;

/**
 * Reads structs of Thrift's compact protocol, of any schema.
 *
 * @see https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 */
export class ThriftReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#at;
  }

  /** @throws {RangeError} The bytes are not a struct of the protocol, or hold more than 4 million values. */
  readStruct(depth = 0): ThriftStruct {
    const fields = new Map<number, ThriftField>();
    let id = 0;
    for (;;) {
      const header = this.#byte();
      if (header === 0) {
        return fields;
      }
      const delta = header >> 4;
      id = delta === 0 ? Number(this.#zigzag()) : id + delta;
      const type = header & 15;
      fields.set(id, { type, value: this.#value(type, depth) });
    }
  }

  #value(type: number, depth: number): ThriftValue {
    if (depth > MAX_NESTED_VALUES) {
      throw new RangeError(`values are nested deeper than ${MAX_NESTED_VALUES}`);
    }
    if (++this.#values > MAX_VALUES) {
      throw new RangeError(`there are more than ${MAX_VALUES} values`);
    }
    switch (type) {
      case THRIFT_TYPES.TRUE:
        return true;
      case THRIFT_TYPES.FALSE:
        return false;
      case THRIFT_TYPES.BYTE:
        return BigInt(this.#byte());
      case THRIFT_TYPES.I16:
      case THRIFT_TYPES.I32:
      case THRIFT_TYPES.I64:
        return this.#zigzag();
      case THRIFT_TYPES.DOUBLE:
        return this.#take(8);
      case THRIFT_TYPES.BINARY:
        return this.#take(Number(this.#varint()));
      case THRIFT_TYPES.LIST:
      case THRIFT_TYPES.SET:
        return this.#list(depth);
      case THRIFT_TYPES.STRUCT:
        return this.readStruct(depth + 1);
      default:
        throw new RangeError(`Parquet does not use Thrift type ${type}`);
    }
  }

  #list(depth: number): ThriftValue {
    const header = this.#byte();
    const elementType = header & 15;
    const size = header >> 4 === 15 ? Number(this.#varint()) : header >> 4;
    const left = this.#bytes.length - this.#at;
    if (size > left) {
      throw new RangeError(`a list of ${size} items cannot fit in ${left} bytes`);
    }
    if (size > MAX_VALUES) {
      throw new RangeError(`a list has ${size} items, expected at most ${MAX_VALUES}`);
    }
    const isBoolean = elementType === THRIFT_TYPES.TRUE || elementType === THRIFT_TYPES.FALSE;
    const items = Array.from({ length: size }, () =>
      isBoolean ? this.#byte() === THRIFT_TYPES.TRUE : this.#value(elementType, depth + 1),
    );
    return { elementType, items };
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return value & 1n ? -(value >> 1n) - 1n : value >> 1n;
  }

  #varint(): bigint {
    let value = 0n;
    for (let index = 0; index < MAX_VARINT_BYTES; index++) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        return BigInt.asUintN(64, value);
      }
    }
    throw new RangeError(`an integer has more than ${MAX_VARINT_BYTES} bytes`);
  }

  #take(length: number): Uint8Array {
    const left = this.#bytes.length - this.#at;
    if (length > left) {
      throw new RangeError(`a value of ${length} bytes cannot fit in ${left}`);
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #byte(): number {
    return this.#take(1)[0]!;
  }
}

/** The bytes of a struct in Thrift's compact protocol. */
export function thriftBytes(struct: ThriftStruct): Uint8Array {
  const writer = new ThriftWriter();
  writer.writeStruct(struct);
  return Buffer.concat(writer.parts);
}

class ThriftWriter {
  readonly parts: Uint8Array[] = [];

  writeStruct(struct: ThriftStruct): void {
    let previous = 0;
    for (const [id, { type, value }] of struct) {
      // The type of a boolean field is its value, which can have changed since it was read.
      const written = typeof value === "boolean" ? typeOfBoolean(value) : type;
      const delta = id - previous;
      if (delta > 0 && delta < 16) {
        this.#byte((delta << 4) | written);
      } else {
        this.#byte(written);
        this.#zigzag(BigInt(id));
      }
      previous = id;
      if (typeof value !== "boolean") {
        this.#value(type, value);
      }
    }
    this.#byte(0);
  }

  #value(type: number, value: ThriftValue): void {
    if (typeof value === "boolean") {
      this.#byte(typeOfBoolean(value));
    } else if (typeof value === "bigint") {
      if (type === THRIFT_TYPES.BYTE) {
        this.#byte(Number(value));
      } else {
        this.#zigzag(value);
      }
    } else if (value instanceof Uint8Array) {
      if (type === THRIFT_TYPES.BINARY) {
        this.#varint(BigInt(value.length));
      }
      this.parts.push(value);
    } else if (value instanceof Map) {
      this.writeStruct(value);
    } else if ("items" in value) {
      this.#list(value);
    }
  }

  #list({ elementType, items }: ThriftList): void {
    if (items.length < 15) {
      this.#byte((items.length << 4) | elementType);
    } else {
      this.#byte((15 << 4) | elementType);
      this.#varint(BigInt(items.length));
    }
    for (const item of items) {
      this.#value(elementType, item);
    }
  }

  #zigzag(value: bigint): void {
    this.#varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  }

  #varint(value: bigint): void {
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) {
      this.#byte(Number(rest & 0x7fn) | 0x80);
    }
    this.#byte(Number(rest));
  }

  #byte(byte: number): void {
    this.parts.push(Uint8Array.of(byte));
  }
}

function typeOfBoolean(value: boolean): number {
  return value ? THRIFT_TYPES.TRUE : THRIFT_TYPES.FALSE;
}
