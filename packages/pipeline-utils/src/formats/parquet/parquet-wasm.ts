import { createRequire } from "node:module";

type ParquetWasm = typeof import("parquet-wasm");

let loaded: ParquetWasm | undefined;

/**
 * Do something with the encoder and decoder, which are loaded when first used.
 *
 * A trap of WebAssembly leaves all that it had taken of its memory, which never shrinks: a file that filled it would have every
 * later one refused. So after a trap they are loaded anew, and the memory of the old ones is let go.
 */
export function withParquetWasm<T>(use: (parquet: ParquetWasm) => T): T {
  loaded ??= load();
  try {
    return use(loaded);
  } catch (error) {
    if (isTrap(error)) loaded = undefined;
    throw error;
  }
}

/** Whether an error is the end of WebAssembly: a panic of the decoder, or no more memory. */
export function isTrap(error: unknown): boolean {
  return error instanceof Error && error.name === "RuntimeError";
}

/** By a `require` of its own: an imported module, or one that another has required, would be kept for good. */
function load(): ParquetWasm {
  const require = createRequire(import.meta.url);
  const path = require.resolve("parquet-wasm");
  const parquet: unknown = require(path);
  Reflect.deleteProperty(require.cache, path);
  if (isParquetWasm(parquet)) return parquet;
  throw new TypeError(`${path} is not parquet-wasm`);
}

function isParquetWasm(module: unknown): module is ParquetWasm {
  return typeof module === "object" && module !== null && "readParquet" in module && "writeParquet" in module;
}
