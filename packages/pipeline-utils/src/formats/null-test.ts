import { DataType } from "apache-arrow";
import type { Data } from "apache-arrow";

/**
 * A function that returns whether a row is null; undefined if no row is.
 *
 * Arrow's own `getValid` counts the nulls at each call.
 */
export function nullTest(data: Data): ((row: number) => boolean) | undefined {
  if (DataType.isNull(data.type)) {
    return () => true;
  }
  if (data.nullCount === 0) {
    return undefined;
  }
  const { nullBitmap, offset } = data;
  return (row) => ((nullBitmap[(offset + row) >> 3]! >> ((offset + row) & 7)) & 1) === 0;
}
