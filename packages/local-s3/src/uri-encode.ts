/** Percent-encode as AWS does: all but letters, digits and `-._~`. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same, but for the slashes, which stay. */
export function uriEncodePath(path: string): string {
  return path.split("/").map(uriEncode).join("/");
}
