const REFUSED = "Refused";
const UNAVAILABLE = "No model yet, or too busy: try again after Retry-After";

/** The responses that every prediction may have beside its own. */
export const ERRORS = {
  422: { description: "Validation Error", $ref: "HTTPValidationError#" },
  "4xx": { description: REFUSED, $ref: "ErrorDetail#" },
  503: { description: UNAVAILABLE, $ref: "ErrorDetail#" },
} as const;

/** The same of the Open Inference Protocol, which has one form for all of them. */
export const INFERENCE_ERRORS = {
  "4xx": { description: REFUSED, $ref: "InferenceError#" },
  503: { description: UNAVAILABLE, $ref: "InferenceError#" },
} as const;

/** The same of MLflow. */
export const MLFLOW_ERRORS = {
  "4xx": { description: REFUSED, $ref: "MlflowError#" },
  503: { description: UNAVAILABLE, $ref: "MlflowError#" },
} as const;

/** Headers of predictions. */
export const PREDICTION_HEADERS = {
  "x-model-extrapolates": {
    type: "string",
    description:
      "Names of the inputs that the model was not trained for, percent-encoded, if there are any: 10 at most, then `...`",
  },
} as const;
