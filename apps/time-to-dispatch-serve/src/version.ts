import { readFileSync } from "node:fs";
import { propertyOf } from "./property-of.js";

/** The version in this package's package.json. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const version = propertyOf(manifest, "version");
  return typeof version === "string" ? version : "unknown";
}
