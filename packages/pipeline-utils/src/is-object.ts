/** Whether a value from outside has fields that can be read, as objects and arrays have. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
