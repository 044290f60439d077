import { createRequire } from "node:module";

type ParquetWasm = typeof import("parquet-wasm");

let loaded: ParquetWasm | undefined;

/**
 * Use the encoder and decoder, which are loaded at the first call.
 *
 * A trap of WebAssembly leaks all the memory that it used, and that memory never shrinks. After a file that filled it,
 * every later file would fail. The module is therefore reloaded after a trap, and the old memory is released.
 */
export function withParquetWasm<T>(use: (parquet: ParquetWasm) => T): T {
  loaded ??= load();
  try {
    return use(loaded);
  } catch (error) {
    if (isTrap(error)) {
      loaded = undefined;
    }
    throw error;
  }
}

/** Whether an error is a trap of WebAssembly: the decoder panicked, or has no more memory. */
export function isTrap(error: unknown): boolean {
  return error instanceof Error && error.name === "RuntimeError";
}

/** Uses its own `require`, because Node keeps imported modules, and those in the cache of `require`, forever. */
function load(): ParquetWasm {
  const require = createRequire(import.meta.url);
  const path = require.resolve("parquet-wasm");
  const parquet: unknown = require(path);
  Reflect.deleteProperty(require.cache, path);
  if (!isParquetWasm(parquet)) {
    throw new TypeError(`${path} is not parquet-wasm`);
  }
  return parquet;
}

function isParquetWasm(module: unknown): module is ParquetWasm {
  return typeof module === "object" && module !== null && "readParquet" in module && "writeParquet" in module;
}
