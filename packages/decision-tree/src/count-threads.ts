import { availableParallelism } from "node:os";
import type { SearchData } from "./search-task.js";

/** Measured: a thread with little data, and what its fold and its growths take for each row, and value of a row. */
const BYTES = { thread: 40e6, row: 60, value: 30 };

/**
 * How many threads a search may have: one for each core and each task, and no more than half of the free memory holds.
 * A container often sees all cores of its machine, but may have little of its memory.
 */
export function countThreads({ features, labels }: SearchData, tasks: number): number {
  const bytes = BYTES.thread + labels.length * (BYTES.row + BYTES.value * features.length);
  return Math.min(availableParallelism(), tasks, Math.floor(process.availableMemory() / 2 / bytes));
}
