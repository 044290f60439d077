export * from "./aws/index.js";
export * from "./formats/index.js";
export * from "./logging/index.js";
