export { renderModelCard } from "./model-card.js";
export type { ModelCardOptions } from "./model-card.js";
export { renderMonitoringReport } from "./monitoring-report.js";
export type {
  ReportedColumn,
  ReportedDay,
  ReportedEstimate,
  ReportedMonitoring,
} from "./monitoring-report.js";
