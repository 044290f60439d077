/**
 * Load winston when the first logger is configured. It takes 40 ms, and programs that only read and write data have no
 * logger.
 *
 * The module is CommonJS because an import would load winston at once, and `createRequire` would hide it from bundlers.
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-return -- a require has no types, winston has
const loadWinston = (): typeof import("winston") => require("winston");

export = loadWinston;
