// Preloaded into a program: writes the CPU time it took, in microseconds, when it ends.
import { writeFileSync } from "node:fs";

process.on("exit", () => {
  if (process.env.REPORT_CPU !== undefined) {
    writeFileSync(process.env.REPORT_CPU, JSON.stringify(process.cpuUsage()));
  }
});
