import { readFileSync } from "node:fs";

/** The kernel counts processor time in hundredths of a second (USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * The processor time and memory of a process, from /proc. Linux only.
 *
 * @param {number} pid
 */
export function processUsage(pid) {
  // The fields after the program's name, which stands in parentheses and may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    residentMegabytes: Number(resident?.[1]) / 1_000,
  };
}
