/** Error codes of lost output: the reader is gone (`program | head -1`), or the disk is full. */
const LOST = new Set(["EPIPE", "ENOSPC", "EDQUOT"]);

let isSurviving = false;

/** Ignore errors of lost standard output, which would otherwise end the process. */
export function surviveLostOutput(): void {
  if (isSurviving) {
    return;
  }
  isSurviving = true;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (!LOST.has(error.code ?? "")) {
      throw error;
    }
  });
}
