import { runModelThread } from "../aws/models/model-thread.js";
import { dtRegression } from "./dt-regression.js";

// Program of the thread that loads trees: see load-in-thread.ts.
runModelThread(dtRegression);
