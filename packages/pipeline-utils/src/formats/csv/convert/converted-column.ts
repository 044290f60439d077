import { type Data, DataType, Type } from "apache-arrow";
import { type ColumnBuilder } from "../column-builder.js";
import { type Fields } from "../fields.js";
import { taken } from "../taken.js";
import { gatherTexts, type TextBatch } from "../text-batch.js";
import { type Misfit } from "./convert-each.js";
import { toBooleans } from "./to-booleans.js";
import { toFloats, toIntegers, toLongIntegers } from "./to-numbers.js";
import { toDates, toTimestamps } from "./to-times.js";

/** Values of a type that was asked for; what is none of it is told to `misfit`, and null. */
export class ConvertedColumn implements ColumnBuilder {
  readonly #convert: (texts: TextBatch, misfit: Misfit) => Data;
  readonly #quote: number;
  readonly #misfit: Misfit;
  readonly #batches: Data[] = [];
  #rows = 0;

  /**
   * @param mustBeWhole - Whether a float that is no integer, but rounded to one, is a misfit.
   * @param misfit - Told rows of the column.
   */
  constructor(type: DataType, quote: number, mustBeWhole: boolean, misfit: Misfit) {
    this.#convert = converterTo(type, mustBeWhole);
    this.#quote = quote;
    this.#misfit = misfit;
  }

  append(fields: Fields, column: number): boolean {
    const texts = gatherTexts(fields, column, this.#quote);
    const data = this.#convert(texts, (row, text) => {
      this.#misfit(this.#rows + row, text);
    });
    this.#batches.push(data);
    this.#rows += texts.length;
    return true;
  }

  takeBatch(): Data {
    return taken(this.#batches);
  }
}

function converterTo(type: DataType, mustBeWhole: boolean): (texts: TextBatch, misfit: Misfit) => Data {
  if (DataType.isBool(type)) return toBooleans;
  if (DataType.isFloat(type)) return (texts, misfit) => toFloats(texts, type, mustBeWhole, misfit);
  if (DataType.isDate(type)) return (texts, misfit) => toDates(texts, type, misfit);
  if (DataType.isTimestamp(type)) return (texts, misfit) => toTimestamps(texts, type, misfit);
  if (!DataType.isInt(type)) throw new TypeError(`no text is converted to ${Type[type.typeId]}`);
  return type.bitWidth === 64
    ? (texts, misfit) => toLongIntegers(texts, type, misfit)
    : (texts, misfit) => toIntegers(texts, type, misfit);
}
