import type { Feature } from "./training-set.js";
import type { SearchData } from "./search-task.js";

/** A copy of a search's data in shared memory: what is sent to several threads is there once. */
export function shareData(data: SearchData): SearchData {
  const { set, order } = data.all;
  return {
    ...data,
    features: data.features.map(shareFloats),
    labels: shareDoubles(data.labels),
    testRows: data.testRows.map(shareIntegers),
    all: {
      order: shareIntegers(order),
      set: { ...set, labels: shareDoubles(set.labels), features: set.features.map(shareFeature) },
    },
  };
}

function shareFeature(feature: Feature): Feature {
  const values = shareFloats(feature.values);
  return feature.kind === "coded"
    ? { kind: "coded", values, codes: share(feature.codes, (memory) => new Uint16Array(memory)) }
    : { kind: "sorted", values, order: shareIntegers(feature.order) };
}

function shareFloats(from: Float32Array): Float32Array {
  return share(from, (memory) => new Float32Array(memory));
}

function shareDoubles(from: Float64Array): Float64Array {
  return share(from, (memory) => new Float64Array(memory));
}

function shareIntegers(from: Int32Array): Int32Array {
  return share(from, (memory) => new Int32Array(memory));
}

function share<T extends Float32Array | Float64Array | Int32Array | Uint16Array>(
  from: T,
  view: (memory: SharedArrayBuffer) => T,
): T {
  const to = view(new SharedArrayBuffer(from.byteLength));
  to.set(from);
  return to;
}
