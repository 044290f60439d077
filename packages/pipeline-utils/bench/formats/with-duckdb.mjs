// usage: node with-duckdb.mjs read-csv|write-csv|read-parquet|write-parquet FILE     (to and from its own tables, one thread)
import { DuckDBInstance } from "@duckdb/node-api";
import { measure } from "./measure.mjs";

const [task = "", path = ""] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
const connection = await instance.connect();
const [direction, format] = task.split("-");
if (direction === "read") {
  const source = format === "csv" ? `read_csv('${path}')` : `'${path}'`;
  await measure(() => connection.run(`CREATE TABLE t AS SELECT * FROM ${source}`));
} else {
  await connection.run(`CREATE TABLE t AS SELECT * FROM read_csv('${path}')`);
  const options =
    format === "csv" ? "FORMAT csv, HEADER" : "FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 131072";
  await measure(() => connection.run(`COPY t TO '${path}.out' (${options})`));
}
connection.closeSync();
