export { renderModelCard } from "./model-card.js";
export type { ModelCardOptions } from "./model-card.js";
export { renderMonitoringReport } from "./monitoring-report.js";
