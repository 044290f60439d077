import { HttpError } from "../errors.js";
import { MAX_ROWS } from "../limits.js";
import type { TimeSlice } from "../time-slice.js";
import { inMessage, propertyOf } from "../untrusted.js";
import type { Location } from "../validation/validation-detail.js";
import { rowsOfColumns } from "./columns.js";

/** The forms in which MLflow's clients send rows. */
export const MLFLOW_FORMS = ["dataframe_split", "dataframe_records", "instances", "inputs"] as const;

/** Rows of a request, which may be anything still, and where in the request they are. */
interface RequestRows {
  readonly rows: unknown;
  readonly root: Location;
}

/**
 * Read the rows of a request to MLflow's scoring server: an object with exactly one of its forms. Other properties, such as
 * `params`, are passed over.
 *
 * An array of inputs, which MLflow rejects, is taken as well.
 *
 * @param body - A parsed request body.
 * @param names - The names of the features, in column order. Other columns are passed over.
 * @throws {HttpError} 400, naming the place, the value and what was expected.
 * @see https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#json-input
 */
export async function readMlflowRows(
  body: unknown,
  names: ReadonlySet<string>,
  slice: TimeSlice,
): Promise<RequestRows> {
  if (Array.isArray(body)) {
    return { rows: body, root: ["body"] };
  }
  const forms = MLFLOW_FORMS.filter((name) => propertyOf(body, name) !== undefined);
  const [form] = forms;
  if (form === undefined || forms.length > 1) {
    const found = forms.length > 1 ? forms.join(" and ") : "none of them";
    throw new HttpError(
      400,
      `The body must be an object with exactly one of ${MLFLOW_FORMS.join(", ")}; it has ${found}`,
    );
  }
  if (propertyOf(body, "signature_name") !== undefined) {
    throw new HttpError(400, "signature_name is not supported");
  }
  const given = propertyOf(body, form);
  const root = [form];
  switch (form) {
    case "dataframe_split":
      return { rows: await recordsOfSplit(given, names, slice), root };
    case "dataframe_records":
      return { rows: given, root };
    case "instances":
      return { rows: await recordsOfInstances(given, names, slice), root };
    case "inputs":
      return { rows: await recordsOfInputs(given, names, slice), root };
  }
}

/** Rows as TensorFlow Serving has them: objects by name, or arrays in column order. */
async function recordsOfInstances(
  given: unknown,
  names: ReadonlySet<string>,
  slice: TimeSlice,
): Promise<unknown> {
  if (!Array.isArray(given) || given.length > MAX_ROWS || !given.some(Array.isArray)) {
    return given;
  }
  const records: unknown[] = [];
  for (const [at, row] of given.entries()) {
    records.push(Array.isArray(row) ? recordOf(row, [...names], `instances[${at}]`) : row);
    if (slice.isOver) {
      await slice.pause();
    }
  }
  return records;
}

function recordOf(row: readonly unknown[], names: readonly string[], where: string): object {
  if (row.length !== names.length) {
    const columns = names.length > 8 ? `${names.length} features` : names.join(", ");
    throw new HttpError(
      400,
      `${where} has ${row.length} ${row.length === 1 ? "value" : "values"}, expected ${names.length}: ${columns}`,
    );
  }
  return Object.fromEntries(names.map((name, column): [string, unknown] => [name, row[column]]));
}

/** `inputs` may be an object of arrays, one a column, as TensorFlow Serving has it. */
async function recordsOfInputs(
  given: unknown,
  names: ReadonlySet<string>,
  slice: TimeSlice,
): Promise<unknown> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return given;
  }
  const columns = Object.entries(given)
    .filter(([name]) => names.has(name))
    .map(([name, values]: [string, unknown]) => {
      if (!Array.isArray(values)) {
        throw new HttpError(400, `inputs.${name} is ${inMessage(values)}, expected an array`);
      }
      return [name, values] satisfies [string, unknown[]];
    });
  // An empty row reports the columns that are missing.
  return columns.length === 0 ? [{}] : rowsOfColumns(columns, slice);
}

/** pandas' "split" orientation, `{columns: [...], data: [[...], ...]}`, as records of the features. */
async function recordsOfSplit(
  split: unknown,
  names: ReadonlySet<string>,
  slice: TimeSlice,
): Promise<object[]> {
  const columns = propertyOf(split, "columns");
  const data = propertyOf(split, "data");
  if (!Array.isArray(columns) || !Array.isArray(data)) {
    throw new HttpError(400, "dataframe_split has no columns or no data, expected both as arrays");
  }
  if (data.length > MAX_ROWS) {
    throw new HttpError(400, `dataframe_split.data has ${data.length} rows, expected at most ${MAX_ROWS}`);
  }
  const index = propertyOf(split, "index");
  if (Array.isArray(index) && index.length !== data.length) {
    throw new HttpError(
      400,
      `dataframe_split.index has ${index.length} labels, expected ${data.length}, one a row`,
    );
  }
  const places = [...placesOf(columns)].filter(([name]) => names.has(name));
  const rows: object[] = [];
  for (const [at, row] of data.entries()) {
    if (!Array.isArray(row) || row.length !== columns.length) {
      const found = Array.isArray(row) ? `has ${row.length} values` : `is ${inMessage(row)}`;
      throw new HttpError(
        400,
        `dataframe_split.data[${at}] ${found}, expected an array of ${columns.length}`,
      );
    }
    rows.push(Object.fromEntries(places.map(([name, place]): [string, unknown] => [name, row[place]])));
    if (slice.isOver) {
      await slice.pause();
    }
  }
  return rows;
}

/** Where in a row each column is. */
function placesOf(columns: readonly unknown[]): Map<string, number> {
  const places = new Map<string, number>();
  for (const [place, column] of columns.entries()) {
    if (typeof column !== "string" && typeof column !== "number") {
      throw new HttpError(400, `dataframe_split.columns[${place}] is ${inMessage(column)}, expected a name`);
    }
    const name = String(column);
    if (places.has(name)) {
      throw new HttpError(400, `dataframe_split.columns has two columns named ${inMessage(name)}`);
    }
    places.set(name, place);
  }
  return places;
}
