import type { Checksum } from "../store/model.js";
import { element, type Xml } from "../xml/write-xml.js";

/** Whether a checksum is of the parts' checksums, not of the bytes. */
function isComposite(checksum: Checksum): boolean {
  return checksum.value.includes("-");
}

export function checksumHeaders(checksum: Checksum | undefined): Record<string, string> {
  if (checksum === undefined) {
    return {};
  }
  return {
    [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value,
    "x-amz-checksum-type": isComposite(checksum) ? "COMPOSITE" : "FULL_OBJECT",
  };
}

export function checksumElements(checksum: Checksum | undefined): readonly Xml[] {
  if (checksum === undefined) {
    return [];
  }
  return [
    element(`Checksum${checksum.algorithm}`, checksum.value),
    element("ChecksumType", isComposite(checksum) ? "COMPOSITE" : "FULL_OBJECT"),
  ];
}
