export { createCommand } from "./create-command.js";
export type { CommandOptions } from "./create-command.js";
