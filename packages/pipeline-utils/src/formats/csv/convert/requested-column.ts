import { DataType } from "apache-arrow";
import { type ColumnBuilder } from "../column-builder.js";
import { TextColumn } from "../text-column.js";
import { type Misfit } from "./convert-each.js";
import { ConvertedColumn } from "./converted-column.js";
import { DictionaryColumn } from "./dictionary-column.js";

/**
 * A column of a type that `nameOfType` knows, whatever its values.
 *
 * @param quote - The dialect's quote, a byte; -1 for none.
 * @param mustBeWhole - Whether a float that is no integer, but rounded to one, is a misfit.
 * @param misfit - Told of each text that is no value of the type, with its row in the column.
 */
export function requestedColumn(
  type: DataType,
  quote: number,
  mustBeWhole: boolean,
  misfit: Misfit,
): ColumnBuilder {
  if (DataType.isUtf8(type)) return new TextColumn(quote);
  if (DataType.isDictionary(type)) return new DictionaryColumn(type, quote, misfit);
  return new ConvertedColumn(type, quote, mustBeWhole, misfit);
}
