import sdk = require("@aws-sdk/lib-storage");

/** The AWS SDK's uploads in parts, loaded when first needed. See `s3-sdk.cts` for the reason to require it. */
export = sdk;
