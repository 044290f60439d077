import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

/** The room that a package takes, in MB (1,000,000 bytes), on a disk of blocks of 4 KiB: the same on every machine. */
export interface InstalledSize {
  itself: number;
  withDependencies: number;
  /** How many packages that are, itself included. */
  packages: number;
}

const BLOCK = 4096;

/** @param project - The folder whose node_modules has the package. */
export function installedSize(project: string, name: string): InstalledSize {
  const folders = new Set<string>();
  const own = find(name, project);
  visit(own);
  const sizes = [...folders].map(sizeOf);
  return {
    itself: sizeOf(own) / 1e6,
    withDependencies: sizes.reduce((sum, size) => sum + size, 0) / 1e6,
    packages: folders.size,
  };

  function visit(folder: string): void {
    if (folders.has(folder)) {
      return;
    }
    folders.add(folder);
    const read: (json: string) => { dependencies?: Record<string, string> } = JSON.parse;
    const { dependencies = {} } = read(readFileSync(path.join(folder, "package.json"), "utf8"));
    for (const dependency of Object.keys(dependencies)) {
      visit(find(dependency, folder));
    }
  }
}

/** By Node's rule: in the nearest node_modules upwards. */
function find(name: string, from: string): string {
  const folder = path.join(from, "node_modules", name);
  if (existsSync(folder)) {
    return folder;
  }
  if (path.dirname(from) === from) {
    throw new Error(`${name} is not installed`);
  }
  return find(name, path.dirname(from));
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== "node_modules")
    .map((entry) => {
      const file = path.join(folder, entry.name);
      return entry.isDirectory() ? sizeOf(file) : Math.ceil(statSync(file).size / BLOCK) * BLOCK;
    })
    .reduce((sum, size) => sum + size, BLOCK);
}
