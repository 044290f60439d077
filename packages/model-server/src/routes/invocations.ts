import type { FastifyInstance } from "fastify";
import { HttpError } from "../errors.js";
import { BATCH_BODY_LIMIT, MAX_ROWS } from "../limits.js";
import type { Predictor } from "../model/predictor.js";
import { rowsOfColumns } from "../open-inference/read-inputs.js";
import { inMessage, propertyOf } from "../untrusted.js";
import type { Location } from "../validation/validation-detail.js";
import { ERRORS, loadedModel } from "./responses.js";

/** The forms in which MLflow's clients send rows, in the order in which they are looked for. */
const FORMS = ["dataframe_records", "instances", "inputs", "dataframe_split"] as const;

const ROWS = { type: "array", maxItems: MAX_ROWS, items: { $ref: "Data#" } };

/** MLflow's and SageMaker's scoring endpoint: rows in one of MLflow's forms, or an array of inputs. */
export function invocations(app: FastifyInstance, predictor: Predictor): void {
  app.post(
    "/invocations",
    {
      bodyLimit: BATCH_BODY_LIMIT,
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
    (request) => {
      const { rows, root } = rowsOf(request.body);
      return { predictions: predictor.predictAll(loadedModel(request), rows, root) };
    },
  );
}

function rowsOf(body: unknown): { rows: unknown; root: Location } {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { rows: body, root: ["body"] };
  }
  for (const form of FORMS) {
    if (!Object.hasOwn(body, form)) {
      continue;
    }
    const given: unknown = Reflect.get(body, form);
    return { rows: recordsOf(form, given), root: ["body", form] };
  }
  throw new HttpError(400, `The body has none of ${FORMS.join(", ")}, and is not an array of inputs`);
}

/** Rows as they are, or made of columns: `inputs` may be an object of arrays, one a column, as TensorFlow Serving has it. */
function recordsOf(form: (typeof FORMS)[number], given: unknown): unknown {
  if (form === "dataframe_split") {
    return recordsOfSplit(given);
  }
  if (form !== "inputs" || typeof given !== "object" || given === null || Array.isArray(given)) {
    return given;
  }
  const columns = Object.entries(given).map(([name, values]: [string, unknown]) => {
    if (!Array.isArray(values)) {
      throw new HttpError(400, `inputs.${name} is ${inMessage(values)}, expected an array`);
    }
    return [name, values] satisfies [string, unknown[]];
  });
  return rowsOfColumns(columns);
}

/** pandas' "split" orientation, `{columns: [...], data: [[...], ...]}`, as records. */
function recordsOfSplit(split: unknown): unknown {
  const columns = propertyOf(split, "columns");
  const data = propertyOf(split, "data");
  if (!Array.isArray(columns) || !Array.isArray(data)) {
    throw new HttpError(400, "dataframe_split has no columns or no data, expected both as arrays");
  }
  const names = columns.map((column: unknown, at) => {
    if (typeof column === "string" || typeof column === "number") {
      return String(column);
    }
    throw new HttpError(400, `dataframe_split.columns[${at}] is ${inMessage(column)}, expected a name`);
  });
  return data.map((row: unknown, at) => {
    // Otherwise few bytes could ask for many columns of many rows.
    if (!Array.isArray(row) || row.length !== names.length) {
      const found = Array.isArray(row) ? `has ${row.length} values` : `is ${inMessage(row)}`;
      throw new HttpError(400, `dataframe_split.data[${at}] ${found}, expected an array of ${names.length}`);
    }
    return Object.fromEntries(names.map((name, index): [string, unknown] => [name, row[index]]));
  });
}
