/**
 * What is wrong with a bucket's name, or `undefined`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function checkBucketName(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) {
    return `it has ${name.length} characters, expected 3 to 63`;
  }
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(name)) {
    return "expected lower-case letters, digits, dots and hyphens, a letter or digit at either end";
  }
  if (name.includes("..")) {
    return "expected no two dots in a row";
  }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) {
    return "expected no IP address";
  }
  return undefined;
}
