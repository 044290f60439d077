/** What to print of anything that was thrown. */
export function errorMessage(error: unknown): string {
  // Not `instanceof Error`: under a test runner, the system's errors are of another realm.
  return typeof error === "object" && error !== null && "message" in error
    ? String(error.message)
    : String(error);
}

/** Whether a system call failed in this way, "ENOENT" and the like. */
export function hasErrorCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}
