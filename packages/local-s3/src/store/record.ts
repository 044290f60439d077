import type { NewUpload, Part, Version, Versioning } from "./model.js";

/** One change of the store: a line of the journal. What a record says happens whole or not at all. */
export type JournalRecord =
  | { readonly op: "create-bucket"; readonly bucket: string; readonly created: number }
  | { readonly op: "delete-bucket"; readonly bucket: string }
  | { readonly op: "set-versioning"; readonly bucket: string; readonly versioning: Versioning }
  | { readonly op: "put-version"; readonly bucket: string; readonly key: string; readonly version: Version }
  | {
      readonly op: "remove-version";
      readonly bucket: string;
      readonly key: string;
      readonly versionId: string;
    }
  | { readonly op: "begin-upload"; readonly bucket: string; readonly upload: NewUpload }
  | { readonly op: "put-part"; readonly bucket: string; readonly uploadId: string; readonly part: Part }
  | { readonly op: "abort-upload"; readonly bucket: string; readonly uploadId: string }
  | {
      readonly op: "complete-upload";
      readonly bucket: string;
      readonly uploadId: string;
      readonly key: string;
      readonly version: Version;
    };
