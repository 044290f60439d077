import { invalidArgument, S3Error } from "../errors.js";
import type { Tags } from "../store/records.js";
import type { XmlElement } from "../xml/parser.js";
import { child, malformedXml } from "../xml/parser.js";
import type { Xml } from "../xml/writer.js";
import { element } from "../xml/writer.js";

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html for this and the following limits */
const MAX_OBJECT_TAGS = 10;
const MAX_BUCKET_TAGS = 50;
/** In UTF-16, as S3 counts. */
const MAX_TAG_KEY_LENGTH = 128;
const MAX_TAG_VALUE_LENGTH = 256;
/** Letters, digits and white space of any script, and `_ . : / = + - @`. */
const TAG_PATTERN = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * Parse the header `x-amz-tagging`: `key=value&key=value`, percent-encoded.
 *
 * @throws {S3Error} InvalidArgument, InvalidTag, BadRequest.
 */
export function tagsOfHeader(header: string): Tags {
  const pairs = [...new URLSearchParams(header)];
  const keys = new Set(pairs.map(([key]) => key));
  if (keys.size < pairs.length || keys.has("")) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      "x-amz-tagging",
      header,
    );
  }
  return checkedObjectTags(pairs);
}

/**
 * Read the tags of an object from the document `Tagging`.
 *
 * @throws {S3Error} MalformedXML, InvalidTag, BadRequest.
 */
export function objectTagsOfXml(document: XmlElement): Tags {
  return checkedObjectTags(tagPairs(child(document, "TagSet")));
}

/**
 * Read the tags of a bucket.
 *
 * @param tagSet - The element around the tags.
 * @throws {S3Error} MalformedXML, InvalidTag, BadRequest.
 */
export function bucketTagsOfXml(tagSet: XmlElement | undefined): Tags {
  const pairs = tagPairs(tagSet);
  if (pairs.length > MAX_BUCKET_TAGS) {
    throw new S3Error("BadRequest", `Bucket tag count cannot be greater than ${MAX_BUCKET_TAGS}`);
  }
  return checkedTags(pairs);
}

export function tagSetElement(tags: Tags): Xml {
  return element(
    "TagSet",
    Object.entries(tags).map(([key, value]) =>
      element("Tag", [element("Key", key), element("Value", value)]),
    ),
  );
}

type TagPair = readonly [key: string, value: string];

function tagPairs(tagSet: XmlElement | undefined): readonly TagPair[] {
  if (tagSet === undefined || tagSet.children.some(({ name }) => name !== "Tag")) {
    throw malformedXml();
  }
  return tagSet.children.map((tag): TagPair => {
    const [key, value] = [child(tag, "Key"), child(tag, "Value")];
    if (key === undefined || value === undefined) {
      throw malformedXml();
    }
    return [key.text, value.text];
  });
}

function checkedObjectTags(pairs: readonly TagPair[]): Tags {
  if (pairs.length > MAX_OBJECT_TAGS) {
    throw new S3Error("BadRequest", `Object tags cannot be greater than ${MAX_OBJECT_TAGS}`);
  }
  return checkedTags(pairs);
}

function checkedTags(pairs: readonly TagPair[]): Tags {
  const seen = new Set<string>();
  for (const [key, value] of pairs) {
    if (key === "" || key.length > MAX_TAG_KEY_LENGTH || !TAG_PATTERN.test(key)) {
      throw invalidTag("The TagKey you have provided is invalid", { TagKey: key });
    }
    if (value.length > MAX_TAG_VALUE_LENGTH || !TAG_PATTERN.test(value)) {
      throw invalidTag("The TagValue you have provided is invalid", { TagKey: key, TagValue: value });
    }
    if (/^aws:/i.test(key)) {
      throw invalidTag("System tags cannot be added/updated by requester", { TagKey: key });
    }
    if (seen.has(key)) {
      throw invalidTag("Cannot provide multiple Tags with the same key", { TagKey: key });
    }
    seen.add(key);
  }
  return Object.fromEntries(pairs);
}

function invalidTag(message: string, details: Record<string, string>): S3Error {
  return new S3Error("InvalidTag", message, { details });
}
