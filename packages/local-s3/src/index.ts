export type { LocalS3, LocalS3Options } from "./start-local-s3.js";
export { startLocalS3 } from "./start-local-s3.js";
