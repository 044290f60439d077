import type { CodedFeature } from "./code-values.js";
import type { SortedFeature, TrainingSet } from "./training-set.js";

/** The training set with all coded features sorted, by counting: absolute errors need rows in order, not codes. */
export function sortCodedFeatures(set: TrainingSet): TrainingSet {
  const features = set.features.map((feature) => (feature.kind === "coded" ? sortByCode(feature) : feature));
  return { labels: set.labels, features, cells: set.cells };
}

/** Rows of one value stay in the order of their labels, as rows are numbered by label. */
function sortByCode({ codes, values }: CodedFeature): SortedFeature {
  const positions = new Int32Array(values.length + 1);
  for (const code of codes) positions[code + 1]!++;
  for (let code = 0; code < values.length; code++) positions[code + 1]! += positions[code]!;
  const order = new Int32Array(codes.length);
  const valueOf = new Float32Array(codes.length);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    order[positions[code]!++] = row;
    valueOf[row] = values[code]!;
  }
  return { kind: "sorted", values: valueOf, order };
}
