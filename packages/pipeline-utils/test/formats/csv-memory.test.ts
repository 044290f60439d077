import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const MEGABYTES = 60;

/** Peak resident MB of a process that reads 60 MB of one record and then another one, each of 10 equal fields. */
async function peakOf(usual: string, last: string): Promise<number> {
  const program = `
    import { readFileSync } from "node:fs";
    import { readCsv } from "@ml-pipelines/pipeline-utils";
    const recordOf = (field) => Array(10).fill(field).join(",") + "\\n";
    async function* source() {
      yield Buffer.from(Array.from({ length: 10 }, (_, column) => "c" + column).join(",") + "\\n");
      const records = recordOf(${JSON.stringify(usual)}).repeat(10_000);
      for (let left = ${MEGABYTES}e6; left > 0; left -= records.length) {
        const bytes = Buffer.from(records);
        for (let at = 0; at < bytes.length; at += 65_536) yield new Uint8Array(bytes.subarray(at, at + 65_536));
      }
      yield Buffer.from(recordOf(${JSON.stringify(last)}));
    }
    const { numRows } = await readCsv(source());
    const [, peak] = /VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
    console.log((peak * 1024) / 1e6, numRows);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    cwd: import.meta.dirname,
  });
  return parseFloat(stdout);
}

// Only Linux has a peak of the process alone: that of getrusage is never below the peak of the parent process.
const testOnLinux = process.platform === "linux" ? test : test.skip;

testOnLinux.each([
  ["integers", "123", "123"],
  ["long decimals", "0.123456", "0.123456"],
  ["truth values", "true", "false"],
  ["integers that a last text makes texts", "7", "x"],
  ["integers in spaces that a last text makes texts", " 77", "x"],
])("reads %s within 2.5 times the bytes of the file and 100 MB", async (_, usual, last) => {
  expect(await peakOf(usual, last)).toBeLessThan(2.5 * MEGABYTES + 100);
});
