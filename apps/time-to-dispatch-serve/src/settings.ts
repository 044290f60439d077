import { InvalidArgumentsError } from "./arguments.js";

/** What the environment says beside what the libraries read of it. */
export interface Settings {
  /** `ACCESS_LOG`: whether every request is logged; on unless it says off. */
  accessLog: boolean;
}

/** @throws {InvalidArgumentsError} Naming the variable, the value and what was expected. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const text = environment.ACCESS_LOG ?? "on";
  if (text !== "on" && text !== "off") {
    throw new InvalidArgumentsError(`ACCESS_LOG is ${JSON.stringify(text)}, expected on or off`);
  }
  return { accessLog: text === "on" };
}
