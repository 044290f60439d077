import type { Logger } from "../../logging/logger.js";

const POST_MILLISECONDS = 10_000;

/** The failure of a program, as it is posted. */
export interface FailureReport {
  /** Name of the program: `time-to-dispatch-train`. */
  readonly stage: string;
  readonly exitCode: number;
  /** As in the log. */
  readonly message: string;
  /** Address of the dataset; null if the program had none yet. */
  readonly dataset: string | null;
}

/**
 * Post a failure as one line of JSON. This never throws: a post that fails is a warning.
 *
 * Nothing of the URL is logged, because its path or its password may be a secret.
 *
 * @param url - http or https. A user and a password become basic authentication.
 */
export async function postFailure(url: URL, report: FailureReport, log: Logger): Promise<void> {
  // fetch rejects a URL with credentials, with the whole URL in its message.
  const target = new URL(url);
  target.username = "";
  target.password = "";
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: { "content-type": "application/json", ...basicAuthentication(url) },
      body: `${JSON.stringify(report)}\n`,
      redirect: "error",
      signal: AbortSignal.timeout(POST_MILLISECONDS),
    });
    await response.body?.cancel();
    if (!response.ok) {
      log.warn(`Could not post the failure: HTTP status ${response.status}`);
    }
  } catch (error) {
    log.warn(`Could not post the failure: ${reasonOf(error)}`);
  }
}

/** @throws {URIError} The user or the password cannot be decoded. */
function basicAuthentication({ username, password }: URL): Record<string, string> {
  if (username + password === "") {
    return {};
  }
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

/** Messages of fetch may have the URL, so that only codes are shown. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") {
    return `no answer within ${POST_MILLISECONDS / 1_000} s`;
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const hasCode = typeof cause === "object" && cause !== null && "code" in cause;
  return hasCode && typeof cause.code === "string" ? cause.code : "the request failed";
}
