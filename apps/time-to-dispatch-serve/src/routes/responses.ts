/** The responses that every prediction may have beside its own. */
export const ERRORS = {
  422: { description: "Validation Error", $ref: "HTTPValidationError#" },
  "4xx": { description: "Refused", $ref: "ErrorDetail#" },
  503: { description: "No model yet, or too busy: try again after Retry-After", $ref: "ErrorDetail#" },
} as const;
