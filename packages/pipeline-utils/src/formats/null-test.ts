import { type Data, DataType } from "apache-arrow";

/** A function that says which rows are null, where some are. (`getValid` of Arrow counts the nulls at each call.) */
export function nullTest(data: Data): ((row: number) => boolean) | undefined {
  if (DataType.isNull(data.type)) return () => true;
  if (data.nullCount === 0) return undefined;
  const { nullBitmap, offset } = data;
  return (row) => ((nullBitmap[(offset + row) >> 3]! >> ((offset + row) & 7)) & 1) === 0;
}
