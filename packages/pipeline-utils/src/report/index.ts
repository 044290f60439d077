export { renderModelCard } from "./model-card.js";
export type { ModelCardOptions } from "./model-card.js";
