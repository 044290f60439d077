import {
  Binary,
  BinaryView,
  Bool,
  BufferType,
  Data,
  DataType,
  Date_,
  DateUnit,
  Decimal,
  Dictionary,
  Duration,
  Field,
  FixedSizeBinary,
  Float,
  Int,
  Interval,
  LargeBinary,
  LargeUtf8,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Time,
  Timestamp,
  Type,
  Union,
  Utf8,
  Utf8View,
  Vector,
} from "apache-arrow";
import { argumentError } from "../argument-error.js";
import { isDictionaryType, emptyBatch, emptyData } from "./arrow-data.js";
import { childrenOf, withChildren } from "./arrow-leaves.js";
import { shownType } from "./shown.js";
import { isObject } from "../is-object.js";

// A program may hold several copies of apache-arrow: its build for CommonJS beside that for ESM, which this package
// imports, or another version. Arrow's functions know a type of their own copy by its class, and fail for those of
// other copies. Everything that callers pass is therefore recognised by its structure, and rebuilt on the same memory.

/** By number: the types without parameters. */
const SIMPLE_TYPES: ReadonlyMap<number, () => DataType> = new Map<number, () => DataType>([
  [Type.Null, () => new Null()],
  [Type.Bool, () => new Bool()],
  [Type.Utf8, () => new Utf8()],
  [Type.LargeUtf8, () => new LargeUtf8()],
  [Type.Utf8View, () => new Utf8View()],
  [Type.Binary, () => new Binary()],
  [Type.LargeBinary, () => new LargeBinary()],
  [Type.BinaryView, () => new BinaryView()],
]);

/**
 * A table of this package's copy of Arrow. A table of another copy is rebuilt without copying its values.
 *
 * @param name - Name of the argument, for the message.
 * @throws {TypeError} The value is not a table, or has a type that this version of Arrow does not have.
 */
export function ownTable(table: unknown, name: string): Table {
  if (!isTable(table)) {
    throw argumentError(name, table, "a Table of apache-arrow");
  }
  const { schema, batches } = table;
  if (isInstance(Table, table) && isOwnSchema(schema) && batches.every(isOwnBatch)) {
    return table;
  }
  const own = rebuiltSchema(schema);
  const dictionaries = new Map<Vector<DataType>, Vector>();
  return new Table(
    own,
    batches.map(({ data }) => rebuiltBatch(data, own, dictionaries)),
  );
}

/**
 * A batch of this package's copy of Arrow, as `ownTable` makes a table.
 *
 * @throws {TypeError}
 */
export function ownBatch(batch: unknown, name: string): RecordBatch {
  if (!isBatch(batch)) {
    throw argumentError(name, batch, "a RecordBatch of apache-arrow");
  }
  return isOwnBatch(batch) ? batch : rebuiltBatch(batch.data, rebuiltSchema(batch.schema), new Map());
}

/**
 * A type of this package's copy of Arrow.
 *
 * @throws {TypeError} The value is not a type, or one that this version of Arrow does not have.
 */
export function ownType(type: unknown, name: string): DataType {
  if (!isType(type)) {
    throw argumentError(name, type, "a type of apache-arrow, such as new Float64()");
  }
  return isOwnType(type) ? type : rebuiltType(type);
}

function rebuiltSchema({ fields, metadata }: Schema): Schema {
  return new Schema(fields.map(rebuiltField), new Map(metadata));
}

function rebuiltField({ name, type, nullable, metadata }: Field<DataType>): Field {
  return new Field(name, rebuiltType(type), nullable, new Map(metadata));
}

/** @throws {TypeError} This version of Arrow does not have the type. */
function rebuiltType(type: DataType): DataType {
  if (!(type.typeId in Type)) {
    throw new TypeError(`this version of apache-arrow does not have the type ${shownType(type)}`);
  }
  const make = SIMPLE_TYPES.get(type.typeId);
  if (make !== undefined) {
    return make();
  }
  if (DataType.isInt(type)) {
    return new Int(type.isSigned, type.bitWidth);
  }
  if (DataType.isFloat(type)) {
    return new Float(type.precision);
  }
  if (DataType.isDecimal(type)) {
    return new Decimal(type.scale, type.precision, type.bitWidth);
  }
  if (DataType.isDate(type)) {
    return new Date_(type.unit);
  }
  if (DataType.isTime(type)) {
    return new Time(type.unit, type.bitWidth);
  }
  if (DataType.isTimestamp(type)) {
    return new Timestamp(type.unit, type.timezone);
  }
  if (DataType.isInterval(type)) {
    return new Interval(type.unit);
  }
  if (DataType.isDuration(type)) {
    return new Duration(type.unit);
  }
  if (DataType.isFixedSizeBinary(type)) {
    return new FixedSizeBinary(type.byteWidth);
  }
  return rebuiltNestedType(type);
}

function rebuiltNestedType(type: DataType): DataType {
  if (isDictionaryType(type)) {
    // A number of another copy could be that of a dictionary of this one. The number is therefore made anew.
    const indices = rebuiltType(type.indices);
    if (isIndexType(indices)) {
      return new Dictionary(rebuiltType(type.dictionary), indices, null, type.isOrdered);
    }
  }
  const children = childrenOf(type).map(rebuiltField);
  if (DataType.isUnion(type)) {
    return new Union(type.mode, type.typeIds, children);
  }
  return withChildren(type, children);
}

function isIndexType(type: DataType): type is Dictionary["indices"] {
  return DataType.isInt(type);
}

/** By dictionary: its rebuilt form. Batches share dictionaries. */
type Dictionaries = Map<Vector<DataType>, Vector>;

function rebuiltBatch(data: Data, schema: Schema, dictionaries: Dictionaries): RecordBatch {
  // Arrow's tables of empty vectors have no data for their columns.
  if (data.length === 0) {
    return emptyBatch(schema);
  }
  return new RecordBatch(schema, rebuiltData(data, new Struct(schema.fields), dictionaries));
}

/**
 * Data of the same memory.
 *
 * @param type - The data's type, already rebuilt.
 */
function rebuiltData<T extends DataType>(data: Data, type: T, dictionaries: Dictionaries): Data<T> {
  const { offset, length, nullCount, variadicBuffers } = data;
  const children = childrenOf(type).map((field: Field<DataType>, index) => {
    const child = data.children[index];
    return child === undefined ? emptyData(field.type) : rebuiltData(child, field.type, dictionaries);
  });
  const given: Vector<DataType> | undefined = data.dictionary;
  const dictionary = given && rebuiltDictionary(given, type, dictionaries);
  const buffers = { ...data.buffers, [BufferType.DATA]: valuesOf(data) };
  return new Data(type, offset, length, nullCount, buffers, children, dictionary, variadicBuffers);
}

function rebuiltDictionary(dictionary: Vector<DataType>, type: DataType, dictionaries: Dictionaries): Vector {
  const known = dictionaries.get(dictionary);
  if (known !== undefined) {
    return known;
  }
  const valueType = isDictionaryType(type) ? type.dictionary : type;
  const rebuilt = new Vector(dictionary.data.map((data) => rebuiltData(data, valueType, dictionaries)));
  dictionaries.set(dictionary, rebuilt);
  return rebuilt;
}

/** Versions of Arrow before 16 keep times of 64 bits as pairs of 32. */
function valuesOf({ type, values }: Data): unknown {
  const hasPairs =
    DataType.isTimestamp(type) || (DataType.isDate(type) && type.unit === DateUnit.MILLISECOND);
  if (!hasPairs || !(values instanceof Int32Array)) {
    return values;
  }
  // A view needs an offset of whole values.
  const pairs = values.byteOffset % BigInt64Array.BYTES_PER_ELEMENT === 0 ? values : values.slice();
  return new BigInt64Array(pairs.buffer, pairs.byteOffset, pairs.length / 2);
}

function isOwnBatch(batch: RecordBatch): boolean {
  const { schema, data } = batch;
  const hasOwnData = isInstance(Data, data) && (data.length === 0 || isOwnData(data));
  return isInstance(RecordBatch, batch) && isOwnSchema(schema) && hasOwnData;
}

function isOwnSchema(schema: Schema): boolean {
  return isInstance(Schema, schema) && schema.fields.every(isOwnField);
}

function isOwnField(field: Field<DataType>): boolean {
  return isInstance(Field, field) && isOwnType(field.type);
}

function isOwnType(type: DataType): boolean {
  const parts: DataType[] = isDictionaryType(type) ? [type.dictionary, type.indices] : [];
  return type instanceof DataType && parts.every(isOwnType) && childrenOf(type).every(isOwnField);
}

function isOwnData(data: Data): boolean {
  if (!isInstance(Data, data) || !isOwnType(data.type)) {
    return false;
  }
  // Arrow makes nested data of no values without children, or with some that are undefined.
  const { length } = childrenOf(data.type);
  if (data.children.length !== length || !data.children.every(isOwnData)) {
    return false;
  }
  const dictionary: Vector<DataType> | undefined = data.dictionary;
  return dictionary === undefined || isOwnVector(dictionary);
}

function isOwnVector(vector: Vector<DataType>): boolean {
  return isInstance(Vector, vector) && vector.data.every(isOwnData);
}

/** Whether a value has this very class. Arrow's own `instanceof` accepts those of other copies, except for types. */
function isInstance(
  kind: typeof Table | typeof RecordBatch | typeof Schema | typeof Field | typeof Data | typeof Vector,
  value: unknown,
): boolean {
  return Function.prototype[Symbol.hasInstance].call(kind, value);
}

function isTable(value: unknown): value is Table {
  return (
    isObject(value) && isSchema(value.schema) && Array.isArray(value.batches) && value.batches.every(isBatch)
  );
}

function isBatch(value: unknown): value is RecordBatch {
  return (
    isObject(value) && isSchema(value.schema) && isObject(value.data) && Array.isArray(value.data.children)
  );
}

function isSchema(value: unknown): value is Schema {
  return (
    isObject(value) &&
    Array.isArray(value.fields) &&
    value.fields.every((field) => isObject(field) && isType(field.type))
  );
}

function isType(value: unknown): value is DataType {
  return isObject(value) && typeof value.typeId === "number";
}
