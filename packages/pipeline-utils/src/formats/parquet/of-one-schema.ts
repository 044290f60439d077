import { DataType, type Field, RecordBatch, type Schema } from "apache-arrow";
import { SerialisationError } from "../../errors.js";
import { writableNames } from "../writable-names.js";
import { portableBatch } from "./encodable-batches.js";

/**
 * Batches of the schema of the first. Fields may differ in what is no matter of the values: the numbers of dictionaries, which
 * Arrow gives to each type that is made, and whether there may be nulls, of which the first decides.
 *
 * @throws {SerialisationError}
 */
export async function* ofOneSchema(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
): AsyncIterable<RecordBatch> {
  let schema: Schema | undefined;
  for await (const given of batches) {
    const batch = portableBatch(given);
    if (schema === undefined) writableNames(batch.schema, "Parquet");
    schema ??= batch.schema;
    const [kind, expected] = [kindOf(batch.schema), kindOf(schema)];
    if (kind !== expected)
      throw new SerialisationError(`a batch of ${kind} cannot be written after one of ${expected}`);
    yield batch.schema === schema ? batch : new RecordBatch(schema, batch.data);
  }
}

/** The names and types of a schema's fields, as text: also the widths of decimals, which Arrow's form of it leaves out. */
function kindOf(schema: Schema): string {
  const types: readonly DataType[] = schema.fields.map((field: Field<DataType>) => field.type);
  const widths = types.filter((type) => DataType.isDecimal(type)).map(({ bitWidth }) => ` ${bitWidth} bits`);
  return String(schema) + widths.join("");
}
