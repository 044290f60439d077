/** Map the items of an array and let go of each before the next, so that both forms are never in memory as a whole. */
export function takeEach<T, U>(items: T[], map: (item: T) => U): U[] {
  const mapped: U[] = [];
  items.reverse();
  for (let item = items.pop(); item !== undefined; item = items.pop()) mapped.push(map(item));
  return mapped;
}
