import { readFileSync } from "node:fs";

/** A request that the test suite of another server makes, for the sample model, and this service's answer. */
export interface ProtocolCase {
  /** Its name in that test suite. */
  readonly test: string;
  /** Why the answer is not that of the other server. */
  readonly difference?: string;
  /** As JSON; `text` stands in place of it. */
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request to /invocations. */
export interface MlflowCase extends ProtocolCase {
  readonly contentType?: string;
  readonly status?: number;
  /** A part of the error's message. */
  readonly message?: string;
  readonly predictions?: readonly number[];
}

/** A request of the Open Inference Protocol. */
export interface InferenceCase extends ProtocolCase {
  readonly server: string;
  /** Below /v2; default: predictions of the model. `HASH` stands for its version. */
  readonly path?: string;
  readonly status?: number;
  /** A part of the error. */
  readonly error?: string;
  readonly data?: readonly number[];
}

// The files stand beside this one; see test/fixtures/README.md.
const read = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const parseMlflow: (text: string) => { cases: MlflowCase[] } = JSON.parse;
const parseInference: (text: string) => { cases: InferenceCase[] } = JSON.parse;

export const mlflowCases = (): MlflowCase[] => parseMlflow(read("mlflow-scoring-server.json")).cases;
export const inferenceCases = (): InferenceCase[] => parseInference(read("open-inference.json")).cases;
