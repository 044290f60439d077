import sdk = require("@aws-sdk/client-s3");

/**
 * The AWS SDK, required by a CommonJS module because it is one itself. This halves the time to load it.
 *
 * If an ES module imports it, Node compiles its 270 kB a second time to find out that it is CommonJS. Node then parses
 * it once more for its 713 exports. Types are imported from the SDK directly.
 */
export = sdk;
