// The messages of an ONNX file, as protobuf. Only the fields that `toOnnx` needs.
// Field numbers and enumerations: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

/** Version of the file format, which runtimes have read since ONNX 1.16. */
const IR_VERSION = 10;
/** Versions of the operators. TreeEnsemble begins with version 5 of ai.onnx.ml. */
const OPERATOR_SETS = [
  { domain: "", version: 21 },
  { domain: "ai.onnx.ml", version: 5 },
];

/** TensorProto.DataType */
export const DATA_TYPES = { float: 1, uint8: 2, int64: 7, string: 8, boolean: 9, double: 11 } as const;
/** AttributeProto.AttributeType */
const ATTRIBUTE_TYPES = { integer: 2, tensor: 4, integers: 7, texts: 8 } as const;

/** Wire types of protobuf: https://protobuf.dev/programming-guides/encoding/ */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

type Message = Uint8Array;

/** A tensor of the graph whose rows are many: shape (rows, 1). */
export interface ColumnInfo {
  readonly name: string;
  readonly dataType: number;
}

export function encodeModel(fields: {
  readonly producer: string;
  readonly graph: Message;
  readonly metadata: Readonly<Record<string, string>>;
}): Uint8Array {
  return message(
    integer(1, IR_VERSION),
    text(2, fields.producer),
    bytes(7, fields.graph),
    ...OPERATOR_SETS.map(({ domain, version }) => bytes(8, message(text(1, domain), integer(2, version)))),
    ...Object.entries(fields.metadata).map(([key, value]) =>
      bytes(14, message(text(1, key), text(2, value))),
    ),
  );
}

export function encodeGraph(fields: {
  readonly name: string;
  readonly nodes: readonly Message[];
  readonly initializers: readonly Message[];
  readonly inputs: readonly ColumnInfo[];
  readonly outputs: readonly ColumnInfo[];
}): Message {
  return message(
    ...fields.nodes.map((node) => bytes(1, node)),
    text(2, fields.name),
    ...fields.initializers.map((tensor) => bytes(5, tensor)),
    ...fields.inputs.map((column) => bytes(11, columnInfo(column))),
    ...fields.outputs.map((column) => bytes(12, columnInfo(column))),
  );
}

export function encodeNode(fields: {
  readonly operator: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: readonly Message[];
}): Message {
  const { operator, domain = "", inputs, output, attributes = [] } = fields;
  return message(
    ...inputs.map((name) => text(1, name)),
    text(2, output),
    text(4, operator),
    ...attributes.map((attribute) => bytes(5, attribute)),
    text(7, domain),
  );
}

export function integerAttribute(name: string, value: number): Message {
  return message(text(1, name), integer(3, value), integer(20, ATTRIBUTE_TYPES.integer));
}

export function integersAttribute(name: string, values: readonly number[]): Message {
  return message(
    text(1, name),
    ...values.map((value) => integer(8, value)),
    integer(20, ATTRIBUTE_TYPES.integers),
  );
}

export function textsAttribute(name: string, values: readonly string[]): Message {
  return message(text(1, name), ...values.map((value) => text(9, value)), integer(20, ATTRIBUTE_TYPES.texts));
}

export function tensorAttribute(name: string, tensor: Message): Message {
  return message(text(1, name), bytes(5, tensor), integer(20, ATTRIBUTE_TYPES.tensor));
}

/** A tensor of one dimension. */
export function encodeDoubles(name: string, values: readonly number[]): Message {
  const raw = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, index) => {
    raw.setFloat64(8 * index, value, true);
  });
  return encodeTensor(name, DATA_TYPES.double, values.length, new Uint8Array(raw.buffer));
}

/** A tensor of one dimension. */
export function encodeBytes(name: string, values: readonly number[]): Message {
  return encodeTensor(name, DATA_TYPES.uint8, values.length, Uint8Array.from(values));
}

function encodeTensor(name: string, dataType: number, length: number, raw: Uint8Array): Message {
  return message(integer(1, length), integer(2, dataType), text(8, name), bytes(9, raw));
}

function columnInfo({ name, dataType }: ColumnInfo): Message {
  const shape = message(bytes(1, message(text(2, "rows"))), bytes(1, message(integer(1, 1))));
  const tensor = message(integer(1, dataType), bytes(2, shape));
  return message(text(1, name), bytes(2, message(bytes(1, tensor))));
}

function message(...fields: readonly Uint8Array[]): Message {
  return Uint8Array.from(Buffer.concat(fields));
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(value));
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([varint(field * 8 + LENGTH_DELIMITED), varint(value.length), value]);
}

function integer(field: number, value: number): Uint8Array {
  return Buffer.concat([varint(field * 8 + VARINT), varint(value)]);
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const groups: number[] = [];
  let rest = value;
  while (rest >= 128) {
    groups.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  groups.push(rest);
  return Uint8Array.from(groups);
}
