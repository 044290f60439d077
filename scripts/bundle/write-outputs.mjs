import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Write the files of a bundle, those alone that have changed, and remove the files of an earlier bundle from a folder.
 *
 * Programs that start meanwhile find all modules: the demo and the tests build the packages that others run.
 *
 * @param {readonly { path: string, contents: Uint8Array }[]} outputFiles - As esbuild gives them.
 * @param {string} folder - Its files that are not written are removed; folders in it stay.
 * @param {string} [prefix] - Begins the names of the files to remove. Default: any.
 */
export function writeOutputs(outputFiles, folder, prefix = "") {
  for (const { path: file, contents } of outputFiles) {
    if (existsSync(file) && readFileSync(file).equals(contents)) {
      continue;
    }
    mkdirSync(path.dirname(file), { recursive: true });
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, contents);
    renameSync(temporary, file);
  }
  const written = new Set(outputFiles.map(({ path: file }) => path.resolve(file)));
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.resolve(folder, entry.name);
    if (entry.isFile() && entry.name.startsWith(prefix) && !written.has(file)) {
      rmSync(file);
    }
  }
}
