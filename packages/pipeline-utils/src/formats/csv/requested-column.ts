import type { Data, Dictionary, Float, Vector } from "apache-arrow";
import { DataType, makeData, Precision, Type, Utf8, vectorFromArray } from "apache-arrow";
import type { ColumnBuilder } from "./column-memory.js";
import { takeFirst } from "./column-memory.js";
import type { Misfit } from "./conversions.js";
import {
  textAt,
  toBooleans,
  toDates,
  toFloats,
  toIntegers,
  toLongIntegers,
  toTimestamps,
} from "./conversions.js";
import { swapMarksOfTexts } from "./decimal-comma.js";
import type { DecimalMark } from "./decimal-comma.js";
import type { Fields } from "./record-scanner.js";
import type { TextBatch } from "./text-column.js";
import { gatherTexts, TextColumn } from "./text-column.js";
import type { Validity } from "./validity.js";

/** Makes values of texts. */
type Converter = (texts: TextBatch, misfit: Misfit) => Data;

/** The widest index of a dictionary that Arrow's JavaScript reads. */
const MAX_INDEX_BITS = 32;

/**
 * A column of a type that `nameOfType` knows, whatever its values.
 *
 * @param dialect - `quote`: a byte, or -1 for none. `decimal`: the mark before the decimals of numbers.
 * @param mustBeWhole - Whether a float that became an integer only by rounding is a misfit.
 * @param misfit - Called for each text that is not of the type, with its row in the column.
 */
export function requestedColumn(
  type: DataType,
  { quote, decimal }: { readonly quote: number; readonly decimal: DecimalMark },
  mustBeWhole: boolean,
  misfit: Misfit,
): ColumnBuilder {
  if (DataType.isUtf8(type)) {
    return new TextColumn(quote);
  }
  if (DataType.isDictionary(type)) {
    return new DictionaryColumn(type, quote, misfit);
  }
  const hasCommas = decimal === "," && (DataType.isFloat(type) || DataType.isInt(type));
  return new ConvertedColumn(converterTo(type, mustBeWhole), quote, hasCommas, misfit);
}

/** The name of a type's values in messages; undefined for a type that a CSV column cannot be read as. */
export function nameOfType(type: DataType): string | undefined {
  if (DataType.isUtf8(type)) {
    return "text";
  }
  if (DataType.isBool(type)) {
    return "true or false";
  }
  if (DataType.isInt(type)) {
    return `an integer of ${type.bitWidth} bits${type.isSigned ? "" : ", not negative"}`;
  }
  if (DataType.isFloat(type)) {
    return nameOfFloat(type);
  }
  if (DataType.isDate(type)) {
    return "a date";
  }
  if (DataType.isTimestamp(type)) {
    return "a date and time";
  }
  if (!DataType.isDictionary(type) || !DataType.isUtf8(type.dictionary)) {
    return undefined;
  }
  // A caller without types may request wider indices than Arrow's declarations allow.
  const { bitWidth }: { bitWidth: number } = type.indices;
  return bitWidth > MAX_INDEX_BITS ? undefined : `one of at most 2^${bitWidth} distinct texts`;
}

/** Values of a requested type. A text that is not of the type is reported to `misfit`, and becomes null. */
class ConvertedColumn implements ColumnBuilder {
  readonly #convert: Converter;
  readonly #quote: number;
  readonly #hasCommas: boolean;
  readonly #misfit: Misfit;
  readonly #batches: Data[] = [];
  #rows = 0;

  /** @param hasCommas - Whether the values are numbers with a decimal comma. */
  constructor(convert: Converter, quote: number, hasCommas: boolean, misfit: Misfit) {
    this.#convert = convert;
    this.#quote = quote;
    this.#hasCommas = hasCommas;
    this.#misfit = misfit;
  }

  append(fields: Fields, column: number): boolean {
    const texts = gatherTexts(fields, column, this.#quote);
    const { values, valueOffsets } = texts;
    const data = this.#convert(this.#hasCommas ? swapMarksOfTexts(texts) : texts, (row) => {
      this.#misfit(this.#rows + row, textAt(values, valueOffsets[row]!, valueOffsets[row + 1]!));
    });
    this.#batches.push(data);
    this.#rows += texts.length;
    return true;
  }

  takeBatch(): Data {
    return takeFirst(this.#batches);
  }
}

/** Texts as indices into their distinct values, in the order of their first rows. All batches share one dictionary. */
class DictionaryColumn implements ColumnBuilder {
  readonly #type: Dictionary;
  readonly #quote: number;
  readonly #misfit: Misfit;
  readonly #codes = new Map<string, number>();
  readonly #batches: { readonly codes: Int32Array; readonly validity: Validity }[] = [];
  #rows = 0;
  #dictionary: Vector | undefined;

  /** @param misfit - Called for each text for which the type has no index left. */
  constructor(type: Dictionary, quote: number, misfit: Misfit) {
    this.#type = type;
    this.#quote = quote;
    this.#misfit = misfit;
  }

  append(fields: Fields, column: number): boolean {
    const { values, valueOffsets, length, validity } = gatherTexts(fields, column, this.#quote);
    const { bitWidth, isSigned } = this.#type.indices;
    const maxTexts = 2 ** (bitWidth - (isSigned ? 1 : 0));
    const batch = new Int32Array(length);
    for (let row = 0, field = column; row < length; row++, field += fields.columns) {
      if (fields.starts[field] === fields.ends[field]) {
        continue;
      }
      const text = textAt(values, valueOffsets[row]!, valueOffsets[row + 1]!);
      const code = this.#codes.get(text) ?? this.#codes.size;
      if (code >= maxTexts) {
        this.#misfit(this.#rows + row, text);
      }
      this.#codes.set(text, code);
      batch[row] = code;
    }
    this.#batches.push({ codes: batch, validity });
    this.#rows += length;
    return true;
  }

  takeBatch(): Data<Dictionary> {
    const { codes, validity } = takeFirst(this.#batches);
    this.#dictionary ??= vectorFromArray([...this.#codes.keys()], new Utf8());
    const dictionary = this.#dictionary;
    const type = this.#type;
    const data = indicesOf(codes, type.indices.bitWidth);
    return makeData({ type, length: codes.length, data, dictionary, ...validity });
  }
}

function converterTo(type: DataType, mustBeWhole: boolean): Converter {
  if (DataType.isBool(type)) {
    return toBooleans;
  }
  if (DataType.isFloat(type)) {
    return (texts, misfit) => toFloats(texts, type, mustBeWhole, misfit);
  }
  if (DataType.isDate(type)) {
    return (texts, misfit) => toDates(texts, type, misfit);
  }
  if (DataType.isTimestamp(type)) {
    return (texts, misfit) => toTimestamps(texts, type, misfit);
  }
  if (!DataType.isInt(type)) {
    throw new TypeError(`no text is converted to ${Type[type.typeId]}`);
  }
  return type.bitWidth === 64
    ? (texts, misfit) => toLongIntegers(texts, type, misfit)
    : (texts, misfit) => toIntegers(texts, type, misfit);
}

/** Codes as the bytes of an index type. Arrow takes an array of the same width for either sign. */
function indicesOf(codes: Int32Array, bitWidth: number): Int8Array | Int16Array | Int32Array {
  if (bitWidth === 8) {
    return new Int8Array(codes);
  }
  return bitWidth === 16 ? new Int16Array(codes) : codes;
}

function nameOfFloat({ precision }: Float): string | undefined {
  if (precision === Precision.HALF) {
    return undefined;
  }
  return precision === Precision.SINGLE ? "a number of 32 bits" : "a number";
}
