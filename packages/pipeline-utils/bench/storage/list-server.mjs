import { createServer } from "node:http";

const PAGE = 1000;

/**
 * An S3 server that can do one thing: list one bucket of keys that are computed, not kept.
 *
 * @param {number} count
 * @param {(index: number) => string} keyAt - Ascending.
 */
export async function startListServer(count, keyAt) {
  let requests = 0;
  /** @param {(key: string) => boolean} isBefore @param {number} from */
  const search = (isBefore, from) => {
    let [low, high] = [from, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(keyAt(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  const server = createServer((request, response) => {
    requests += 1;
    const query = new URL(request.url ?? "", "http://localhost").searchParams;
    const [prefix, delimiter] = [query.get("prefix") ?? "", query.get("delimiter") ?? ""];
    const after = query.get("start-after") ?? "";
    const token = query.get("continuation-token");
    let at = token === null ? search((key) => key <= after || key < prefix, 0) : Number(token);
    const entries = [];
    while (at < count && entries.length < PAGE && keyAt(at).startsWith(prefix)) {
      const key = keyAt(at);
      const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      if (end < 0) {
        entries.push(`<Contents><Key>${key}</Key><ETag>&quot;0&quot;</ETag><Size>1</Size></Contents>`);
        at += 1;
      } else {
        const group = key.slice(0, end + delimiter.length);
        entries.push(`<CommonPrefixes><Prefix>${group}</Prefix></CommonPrefixes>`);
        at = search((other) => other.startsWith(group) || other < group, at);
      }
    }
    const more = at < count && keyAt(at).startsWith(prefix);
    const end = more ? `<NextContinuationToken>${at}</NextContinuationToken>` : "";
    response.end(
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${end}${entries.join("")}</ListBucketResult>`,
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("no port");
  }
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    takeRequests() {
      const taken = requests;
      requests = 0;
      return taken;
    },
    stop: () => server.close(),
  };
}
