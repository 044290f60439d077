import { type ThriftField, type ThriftStruct, ThriftType, type ThriftValue } from "./thrift-value.js";

/** Deeper than any footer is nested. */
const MAX_DEPTH = 32;
const MAX_VARINT_BYTES = 10;
/**
 * A value of one byte in the file takes 100 to 200 once it is read. In a footer a column of a row group has about 25, so that these
 * are 160,000 of them.
 */
const MAX_VALUES = 4_000_000;

/**
 * Reads a struct of Thrift's compact protocol, of any schema.
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

  /** Bytes that have been read. */
  get position(): number {
    return this.#at;
  }

  /** @throws {RangeError} Bytes that are no struct of the protocol, or one of more than 4 million values. */
  readStruct(depth = 0): ThriftStruct {
    const fields = new Map<number, ThriftField>();
    let id = 0;
    for (;;) {
      const header = this.#byte();
      if (header === 0) return fields;
      const delta = header >> 4;
      id = delta === 0 ? Number(this.#zigzag()) : id + delta;
      const type = header & 15;
      fields.set(id, { type, value: this.#value(type, depth) });
    }
  }

  #value(type: number, depth: number): ThriftValue {
    if (depth > MAX_DEPTH) throw new RangeError(`values are nested deeper than ${MAX_DEPTH}`);
    if (++this.#values > MAX_VALUES) throw new RangeError(`there are more than ${MAX_VALUES} values`);
    switch (type) {
      case ThriftType.TRUE:
        return true;
      case ThriftType.FALSE:
        return false;
      case ThriftType.BYTE:
        return BigInt(this.#byte());
      case ThriftType.I16:
      case ThriftType.I32:
      case ThriftType.I64:
        return this.#zigzag();
      case ThriftType.DOUBLE:
        return this.#take(8);
      case ThriftType.BINARY:
        return this.#take(Number(this.#varint()));
      case ThriftType.LIST:
      case ThriftType.SET:
        return this.#list(depth);
      case ThriftType.STRUCT:
        return this.readStruct(depth + 1);
      default:
        throw new RangeError(`there is no type ${type} in Parquet`);
    }
  }

  #list(depth: number): ThriftValue {
    const header = this.#byte();
    const elementType = header & 15;
    const size = header >> 4 === 15 ? Number(this.#varint()) : header >> 4;
    const left = this.#bytes.length - this.#at;
    if (size > left) throw new RangeError(`a list of ${size} items stands in ${left} bytes`);
    if (size > MAX_VALUES)
      throw new RangeError(`a list has ${size} items, of which at most ${MAX_VALUES} are read`);
    const isBoolean = elementType === ThriftType.TRUE || elementType === ThriftType.FALSE;
    const items = Array.from({ length: size }, () =>
      isBoolean ? this.#byte() === ThriftType.TRUE : this.#value(elementType, depth + 1),
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
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError(`an integer has more than ${MAX_VARINT_BYTES} bytes`);
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw new RangeError(`${length} bytes are not there`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #byte(): number {
    return this.#take(1)[0]!;
  }
}
