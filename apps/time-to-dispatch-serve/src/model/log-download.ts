import type { TransferProgress } from "@ml-pipelines/pipeline-utils/aws";
import type { Logger } from "@ml-pipelines/pipeline-utils/logging";

const LOG_EVERY_MS = 5_000;

/** What logs how far a download is: a line every five seconds, so nothing of a small model. */
export function logDownload(
  log: Pick<Logger, "info">,
  address: string,
): (progress: TransferProgress) => void {
  let loggedAt = performance.now();
  return ({ bytesDone, bytesTotal }) => {
    if (performance.now() - loggedAt < LOG_EVERY_MS) return;
    loggedAt = performance.now();
    const total = bytesTotal?.toLocaleString("en") ?? "?";
    log.info(`Downloading ${address}: ${bytesDone.toLocaleString("en")} of ${total} bytes`);
  };
}
