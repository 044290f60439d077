export { dtRegression } from "./dt-regression.js";
export type { MlCartTree } from "./flat-tree.js";
