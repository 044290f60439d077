import type { LogFormat } from "@ml-pipelines/pipeline-utils/logging";
import { InvalidArgumentsError } from "./arguments.js";

/** What the environment says beside what the libraries read of it. */
export interface Settings {
  /** `ACCESS_LOG`: whether every request is logged; on unless it says off. */
  accessLog: boolean;
  /** `LOG_FORMAT`, which the logger reads and checks: the form of its lines. */
  logFormat: LogFormat;
}

/** @throws {InvalidArgumentsError} Naming the variable, the value and what was expected. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const text = environment.ACCESS_LOG ?? "on";
  if (text !== "on" && text !== "off") {
    throw new InvalidArgumentsError(`ACCESS_LOG is ${JSON.stringify(text)}, expected on or off`);
  }
  const isJson = environment.LOG_FORMAT?.trim().toLowerCase() === "json";
  return { accessLog: text === "on", logFormat: isJson ? "json" : "text" };
}
