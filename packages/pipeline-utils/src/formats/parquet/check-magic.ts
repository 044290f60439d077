import { FormatError } from "../../errors.js";
import { shown } from "../schema/shown.js";
import { type ByteRanges } from "./byte-ranges.js";
import { MAGIC } from "./footer.js";

/** At both ends of a file whose footer is encrypted. */
const MAGIC_OF_ENCRYPTED = "PARE";

/** @throws {FormatError} A file that does not begin and end as a Parquet file does. */
export async function checkMagic(source: ByteRanges, address: string): Promise<void> {
  const least = 3 * MAGIC.length;
  if (source.size < least) {
    throw new FormatError(
      `${address}: found ${source.size} bytes, expected a Parquet file, of at least ${least}`,
    );
  }
  const places = [
    [0, "beginning"],
    [source.size - MAGIC.length, "end, where a whole file has it"],
  ] as const;
  for (const [start, place] of places) {
    const found = Buffer.from(await source.read(start, start + MAGIC.length)).toString("latin1");
    if (found === MAGIC) continue;
    const kind = found === MAGIC_OF_ENCRYPTED ? " of an encrypted file" : "";
    throw new FormatError(
      `${address}: found ${shown(found)}${kind} at the ${place}, expected "${MAGIC}" of a Parquet file`,
    );
  }
}
