/** An address without its query, which may hold what is nothing for a log. */
export function pathOf(url: string): string {
  return url.split("?", 1)[0] ?? url;
}
