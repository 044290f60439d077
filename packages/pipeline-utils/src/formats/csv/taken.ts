/** Take the first item off an array, so that nothing else keeps it in memory. */
export function taken<T>(items: T[]): T {
  const [item] = items.splice(0, 1);
  if (item === undefined) throw new RangeError("all have been taken");
  return item;
}
