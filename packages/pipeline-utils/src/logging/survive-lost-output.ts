/** Nobody reads any more (`program | head -1`), or the disk is full: what is written is lost, and nothing can be said about it. */
const LOST = new Set(["EPIPE", "ENOSPC", "EDQUOT"]);

let isSurviving = false;

/** Have a program live on whose standard output is lost, instead of being ended by an error event that nobody listens to. */
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
