#!/usr/bin/env node
import { dtRegression } from "../ml-cart/dt-regression.js";
import { createCommand } from "./create-command.js";

// Silence the SDK's advice about Node versions, which would begin every output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
await createCommand({ modelClasses: [dtRegression] })(process.argv.slice(2));
