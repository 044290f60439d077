// usage: node with-polars.mjs read-csv|write-csv|read-parquet|write-parquet FILE     (to and from its own frames, one thread)
// Polars is no dependency, as its binary has 115 MB. Somewhere else: npm install nodejs-polars nodejs-polars-linux-x64-gnu
// (the binary by name, as it says that it wants Node 22, without which npm passes it over; it runs on 20), and then
// NODE_PATH=THERE/node_modules npm run bench -- formats
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { measure } from "./measure.mjs";

process.env.POLARS_MAX_THREADS = "1"; // before it is loaded
const polars = createRequire(import.meta.url)("nodejs-polars");

const [task = "", path = ""] = process.argv.slice(2);
if (task.startsWith("read")) {
  const bytes = await readFile(path);
  await measure(() =>
    task === "read-csv" ? polars.readCSV(bytes, { inferSchemaLength: 10_000 }) : polars.readParquet(bytes),
  );
} else {
  const frame = polars.readCSV(path, { inferSchemaLength: 10_000 });
  await measure(() =>
    task === "write-csv"
      ? frame.writeCSV(`${path}.out`)
      : frame.writeParquet(`${path}.out`, { compression: "snappy" }),
  );
}
