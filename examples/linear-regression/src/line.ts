import type { ModelClass } from "@ml-pipelines/pipeline-utils";

/** y = intercept + slope * x. */
export interface Line {
  intercept: number;
  slope: number;
}

/** The line of least squares through points, by their means. */
export function fitLine(x: Float64Array, y: Float64Array): Line {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, row) => sum + (value - meanX) * ((y[row] ?? NaN) - meanY), 0);
  const variance = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const slope = covariance / variance;
  return { intercept: meanY - slope * meanX, slope };
}

/** How a line is kept in a bucket. What comes back may be anyone's: fromJSON takes nothing on trust. */
export const lineModel: ModelClass<Line> = {
  modelType: "Line",
  toJSON: ({ intercept, slope }) => ({ intercept, slope }),
  fromJSON(json) {
    if (typeof json === "object" && json !== null && "intercept" in json && "slope" in json) {
      const { intercept, slope } = json;
      if (typeof intercept === "number" && typeof slope === "number") return { intercept, slope };
    }
    throw new Error(`a line is ${JSON.stringify(json)}, expected {"intercept": number, "slope": number}`);
  },
};
