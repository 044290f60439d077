// usage: node with-papaparse.mjs read-csv|write-csv FILE     (to and from rows: papaparse knows no columns)
import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import papa from "papaparse";
import { chunksOf, measure } from "./measure.mjs";

const [task, path = ""] = process.argv.slice(2);
const bytes = await readFile(path);
if (task === "read-csv") {
  await measure(
    () =>
      new Promise((resolve, reject) => {
        let count = 0;
        // Without setEncoding papaparse corrupts characters that two chunks share.
        papa.parse(Readable.from(chunksOf(bytes), { objectMode: false }).setEncoding("utf8"), {
          dynamicTyping: true,
          chunk: ({ data }) => (count += data.length),
          complete: () => resolve(count),
          error: reject,
        });
      }),
  );
} else {
  const { data } = papa.parse(bytes.toString("utf8"), { header: true, dynamicTyping: true });
  await measure(() => {
    let length = 0;
    for (let start = 0; start < data.length; start += 10_000) {
      length += Buffer.from(papa.unparse(data.slice(start, start + 10_000), { header: start === 0 })).length;
    }
    return length;
  });
}
