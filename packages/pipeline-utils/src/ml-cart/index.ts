export { dtRegression, type MlCartTree } from "./dt-regression.js";
