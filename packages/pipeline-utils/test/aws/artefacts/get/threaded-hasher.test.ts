import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";

import { expect, test } from "@jest/globals";

import { multipartEtag } from "../../../../src/aws/etag.js";

const MIB = 1024 * 1024;
const dist = new URL("../../../../dist/aws/artefacts/get/threaded-hasher.js", import.meta.url);

/** Of the built package, whose thread is a file of its own; in chunks that fit neither blocks nor parts. */
function hashInThread(size: number, wanted: object): { name: string; etag: string; sha256: string } {
  const program = `
    import { hasherFor } from ${JSON.stringify(dist.href)};
    const hasher = hasherFor(${JSON.stringify(wanted)}, ${size});
    const bytes = Buffer.alloc(${size}, "abcdefg");
    for (let at = 0; at < bytes.length; at += 65_537) await hasher.update(bytes.subarray(at, at + 65_537));
    console.log(JSON.stringify({ name: hasher.constructor.name, ...(await hasher.digest()) }));
    hasher.close();`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as { name: string; etag: string; sha256: string };
}

test("a thread hashes a large body as the program itself would", () => {
  const size = 65 * MIB + 1;
  const bytes = Buffer.alloc(size, "abcdefg");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const whole = hashInThread(size, { sha256: true, md5: "whole" });
  expect(whole).toEqual({
    name: "ThreadedHasher",
    sha256,
    etag: createHash("md5").update(bytes).digest("hex"),
  });
  const partSize = 8 * MIB;
  const parts = Array.from({ length: 9 }, (_, i) => bytes.subarray(i * partSize, (i + 1) * partSize));
  const etag = multipartEtag(parts.map((part) => createHash("md5").update(part).digest()));
  expect(hashInThread(size, { sha256: true, md5: { partSize } }).etag).toBe(etag);
});

test("a small body needs no thread", () => {
  expect(hashInThread(1000, { sha256: true, md5: "whole" }).name).toBe("Object");
});
