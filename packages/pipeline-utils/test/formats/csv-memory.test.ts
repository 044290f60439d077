import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";

const MEGABYTES = 60;

/** Peak resident MB of a process that reads as many of a record, and others of another, of 10 equal fields. */
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

// The peak that getrusage tells is never below that of the process it was forked from, which Linux's own account is not of.
const testOnLinux = process.platform === "linux" ? test : test.skip;

testOnLinux.each([
  ["integers", "123", "123"],
  ["long decimals", "0.123456", "0.123456"],
  ["truth values", "true", "false"],
  ["integers that a last text makes texts", "7", "x"],
  ["integers in spaces that a last text makes texts", " 77", "x"],
])("a file of %s takes 2.5 times its bytes and 100 MB at the most", async (_, usual, last) => {
  expect(await peakOf(usual, last)).toBeLessThan(2.5 * MEGABYTES + 100);
});
