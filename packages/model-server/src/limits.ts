/** Pause between looks for a newer model. */
export const MIN_POLL_SECONDS = 0.1;
export const MAX_POLL_SECONDS = 86_400;
export const DEFAULT_POLL_SECONDS = 30;

/** The most rows of one request. */
export const MAX_ROWS = 10_000;
/** The largest body of one row, in bytes. */
export const ROW_BODY_LIMIT = 16_384;
/** The largest body of many rows, in bytes. */
export const BATCH_BODY_LIMIT = 1_048_576;
/** The most features of a model, and tensors of a request. */
export const MAX_FEATURES = 1_000;

/** Bytes of request bodies that a process holds, in MiB. */
export const DEFAULT_BODY_BUDGET_MIB = 32;
export const MIN_BODY_BUDGET_MIB = 2;
export const MAX_BODY_BUDGET_MIB = 4_096;
