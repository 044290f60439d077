import type { FastifyInstance } from "fastify";
import { HttpError, RequestValidationError } from "../errors.js";
import { BATCH_BODY_LIMIT, MAX_ROWS } from "../limits.js";
import type { Predictor } from "../model/predictor.js";
import { rowsOfColumns } from "../open-inference/read-inputs.js";
import type { Batches } from "../request-body/batches.js";
import type { TimeSlice } from "../time-slice.js";
import { inMessage, propertyOf } from "../untrusted.js";
import { tooManyItems } from "../validation/validation-detail.js";
import type { Location } from "../validation/validation-detail.js";
import { ERRORS, loadedModel } from "./responses.js";

/** The forms in which MLflow's clients send rows, in the order in which they are looked for. */
const FORMS = ["dataframe_records", "instances", "inputs", "dataframe_split"] as const;

const ROWS = { type: "array", maxItems: MAX_ROWS, items: { $ref: "Data#" } };

/** MLflow's and SageMaker's scoring endpoint: rows in one of MLflow's forms, or an array of inputs. */
export function invocations(app: FastifyInstance, predictor: Predictor, batches: Batches): void {
  app.post(
    "/invocations",
    {
      bodyLimit: BATCH_BODY_LIMIT,
      config: { takesRows: true },
      schema: {
        tags: ["MLflow and SageMaker"],
        summary: "Predict rows",
        description: `Rows as \`${FORMS.join("`, `")}\`, or as an array of inputs; up to ${MAX_ROWS}.`,
        body: {
          anyOf: [{ type: "object", properties: { dataframe_records: ROWS } }, ROWS],
        },
        response: { 200: { description: "One prediction a row", $ref: "Predictions#" }, ...ERRORS },
      },
    },
    async (request) =>
      batches.answer(request, async (body, slice) => {
        const model = loadedModel(request);
        const { rows, root } = await rowsOf(body, model.rows.names, slice);
        return { predictions: await predictor.predictAll(model, rows, slice, root) };
      }),
  );
}

/** @param features - The names of the columns that are read; others are passed over. */
async function rowsOf(
  body: unknown,
  features: ReadonlySet<string>,
  slice: TimeSlice,
): Promise<{ rows: unknown; root: Location }> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { rows: body, root: ["body"] };
  }
  for (const form of FORMS) {
    if (!Object.hasOwn(body, form)) {
      continue;
    }
    const given: unknown = Reflect.get(body, form);
    const root = ["body", form];
    if (form === "dataframe_split") {
      return { rows: await recordsOfSplit(given, root, features, slice), root };
    }
    return { rows: form === "inputs" ? await recordsOfInputs(given, slice) : given, root };
  }
  throw new HttpError(400, `The body has none of ${FORMS.join(", ")}, and is not an array of inputs`);
}

/** `inputs` may be an object of arrays, one a column, as TensorFlow Serving has it. */
async function recordsOfInputs(given: unknown, slice: TimeSlice): Promise<unknown> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return given;
  }
  const columns = Object.entries(given).map(([name, values]: [string, unknown]) => {
    if (!Array.isArray(values)) {
      throw new HttpError(400, `inputs.${name} is ${inMessage(values)}, expected an array`);
    }
    return [name, values] satisfies [string, unknown[]];
  });
  // A large body is left with the columns of features alone. An empty row reports those that are missing.
  return columns.length === 0 ? [{}] : rowsOfColumns(columns, slice);
}

/** pandas' "split" orientation, `{columns: [...], data: [[...], ...]}`, as records of the features. */
async function recordsOfSplit(
  split: unknown,
  root: Location,
  features: ReadonlySet<string>,
  slice: TimeSlice,
): Promise<object[]> {
  const columns = propertyOf(split, "columns");
  const data = propertyOf(split, "data");
  if (!Array.isArray(columns) || !Array.isArray(data)) {
    throw new HttpError(400, "dataframe_split has no columns or no data, expected both as arrays");
  }
  if (data.length > MAX_ROWS) {
    throw new RequestValidationError([tooManyItems(root, MAX_ROWS)]);
  }
  /** Where in a row the features are; of columns with one name, the last counts. */
  const indices = new Map<string, number>();
  for (const [index, column] of columns.entries()) {
    if (typeof column !== "string" && typeof column !== "number") {
      throw new HttpError(400, `dataframe_split.columns[${index}] is ${inMessage(column)}, expected a name`);
    }
    if (features.has(String(column))) {
      indices.set(String(column), index);
    }
  }
  const rows: object[] = [];
  for (const [at, row] of data.entries()) {
    if (!Array.isArray(row) || row.length !== columns.length) {
      const found = Array.isArray(row) ? `has ${row.length} values` : `is ${inMessage(row)}`;
      throw new HttpError(
        400,
        `dataframe_split.data[${at}] ${found}, expected an array of ${columns.length}`,
      );
    }
    rows.push(Object.fromEntries([...indices].map(([name, index]): [string, unknown] => [name, row[index]])));
    if (slice.isOver) {
      await slice.pause();
    }
  }
  return rows;
}
