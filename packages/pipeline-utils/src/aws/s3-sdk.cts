import sdk = require("@aws-sdk/client-s3");

/**
 * The AWS SDK, required by a CommonJS module as it is one itself, which halves the time to load it: for an import, Node compiles its
 * 270 kB once more to learn that they are no ES module, and parses them for the 713 names they export. Types are imported from the SDK.
 */
export = sdk;
