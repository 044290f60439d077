import { ASCII } from "./ascii.js";

const { LINE_FEED } = ASCII;

/** Leave out the first lines of a byte stream. A line ends at a line feed, in quotes too. */
export async function* skipLines(
  source: AsyncIterable<Uint8Array>,
  lines: number,
): AsyncIterable<Uint8Array> {
  let left = lines;
  for await (const chunk of source) {
    let start = 0;
    while (left > 0 && start < chunk.length) {
      const end = chunk.indexOf(LINE_FEED, start);
      start = end < 0 ? chunk.length : end + 1;
      left -= end < 0 ? 0 : 1;
    }
    if (start < chunk.length) {
      yield start === 0 ? chunk : chunk.subarray(start);
    }
  }
}
