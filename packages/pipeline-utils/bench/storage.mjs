// npm run bench -- storage [GIGABYTES] [ROUNDS]: finding the latest of many objects, and moving a large one, against the bare SDK.
import { measureLatest } from "./storage/latest.mjs";
import { measureTransfers } from "./storage/transfers.mjs";

const gigabytes = Number(process.argv[2] ?? 2);
const rounds = Number(process.argv[3] ?? 3);

console.log("Find the latest of N objects (S3 over loopback HTTP, real SDK)\n");
for (const line of await measureLatest()) {
  console.log(line);
}
console.log(
  `\nMove ${gigabytes} GB (local-s3 on the same machine; medians of ${rounds}, interleaved; each run a process of its own; "at 90 MB/s": each connection)\n`,
);
for (const line of await measureTransfers(gigabytes, rounds)) {
  console.log(line);
}
