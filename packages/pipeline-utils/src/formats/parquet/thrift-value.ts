/** The types of Thrift's compact protocol. */
export const ThriftType = {
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

/** A value as it stands in a message, without the names that only its schema knows. */
export type ThriftValue = boolean | bigint | Uint8Array | ThriftList | ThriftStruct;

/** A list or a set; a double stands in it, and elsewhere, as its eight bytes. */
export interface ThriftList {
  readonly elementType: number;
  readonly items: readonly ThriftValue[];
}

/** The fields of a struct by their numbers, in order. */
export type ThriftStruct = ReadonlyMap<number, ThriftField>;

export interface ThriftField {
  readonly type: number;
  readonly value: ThriftValue;
}
