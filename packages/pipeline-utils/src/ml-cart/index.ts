export { dtRegression } from "./dt-regression.js";
export { explainTree } from "./explain-tree.js";
export type { MlCartTree } from "./copy-tree.js";
export { toOnnx } from "./to-onnx.js";
