import type { RequestValidationError } from "../errors.js";

/** How a protocol shows errors to its clients. */
export interface ErrorForm {
  /** The status of a request that was understood and is wrong. */
  readonly wrongStatus: 400 | 422;
  /** The body of an answer. */
  show(status: number, sentence: string): object;
  /** The body for a request that is wrong. */
  showFaults(error: RequestValidationError): object;
}

/** One sentence, or FastAPI's list of faults. */
const FASTAPI: ErrorForm = {
  wrongStatus: 422,
  show: (_status, sentence) => ({ detail: sentence }),
  showFaults: ({ details }) => ({ detail: details }),
};

/** https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md */
const OPEN_INFERENCE: ErrorForm = {
  wrongStatus: 400,
  show: (_status, sentence) => ({ error: sentence }),
  showFaults: ({ message }) => ({ error: message }),
};

/** https://github.com/mlflow/mlflow/blob/master/mlflow/protos/databricks.proto */
const MLFLOW_CODES = {
  400: "BAD_REQUEST",
  401: "UNAUTHENTICATED",
  500: "INTERNAL_ERROR",
  503: "TEMPORARILY_UNAVAILABLE",
} as const;

/** MLflow's names of errors, as far as this service has them. */
export const MLFLOW_ERROR_CODES: readonly string[] = Object.values(MLFLOW_CODES);

const MLFLOW: ErrorForm = {
  wrongStatus: 400,
  show: (status, message) => ({ error_code: codeOf(status), message }),
  showFaults: ({ message }) => ({ error_code: MLFLOW_CODES[400], message }),
};

function codeOf(status: number): string {
  return status === 401 || status === 500 || status === 503 ? MLFLOW_CODES[status] : MLFLOW_CODES[400];
}

/** The form that the client of an address expects. */
export function errorFormOf(url: string): ErrorForm {
  if (/^\/v2(?:[/?]|$)/.test(url)) {
    return OPEN_INFERENCE;
  }
  return /^\/invocations(?:\?|$)/.test(url) ? MLFLOW : FASTAPI;
}
