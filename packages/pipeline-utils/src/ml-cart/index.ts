export { dtRegression } from "./dt-regression.js";
export type { MlCartTree } from "./dt-regression.js";
