import type { IncomingMessage } from "node:http";

/** A request's place in a trace that began elsewhere. */
export interface TraceContext {
  /** The header, as it came. */
  readonly traceparent: string;
  /** 32 hex digits. */
  readonly traceId: string;
}

/** Version, trace, parent and flags. Later versions may have more. https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT =
  /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-[\w-]{0,64})?$/;

/**
 * Read the W3C trace context of a request; undefined if it has none, or a malformed one.
 *
 * It is not parsed by `@opentelemetry/api`: without an SDK, that package has no propagator to do so.
 */
export function traceContextOf({ headers }: IncomingMessage): TraceContext | undefined {
  const { traceparent } = headers;
  if (typeof traceparent !== "string") {
    return undefined;
  }
  const [, version, traceId, more] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || (version === "00" && more !== undefined)) {
    return undefined;
  }
  return { traceparent, traceId };
}
