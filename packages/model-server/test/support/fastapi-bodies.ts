import { readFileSync } from "node:fs";

/** One request to the FastAPI original and its answer. */
export interface Recorded {
  request: string;
  status: number;
  body: unknown;
}

type Recordings = Record<"single" | "batch", Record<string, Recorded>>;

/** The original's answer; see test/fixtures/README.md. */
export function readRecordings(): Recordings {
  const url = new URL("../fixtures/fastapi-bodies.json", import.meta.url);
  return parse(readFileSync(url, "utf8"));
}

// The file is written by a script that stands beside it.
const parse: (text: string) => Recordings = JSON.parse;
