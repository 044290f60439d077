/**
 * A number with some digits after the point, rounded as Python's `format` does: what lies exactly between two
 * roundings goes to the even digit, where JavaScript's `toFixed` would go away from zero.
 */
export function toFixed(value: number, decimals: number): string {
  const rounded = value.toFixed(decimals);
  // Exact, digit by digit, for any number that could lie between two roundings.
  const exact = value.toFixed(100);
  const kept = exact.length - 100 + decimals;
  const isTie = decimals < 100 && /^50*$/.test(exact.slice(kept));
  const isEven = "02468".includes(exact.slice(0, kept).replace(".", "").slice(-1));
  return isTie && isEven ? exact.slice(0, decimals === 0 ? kept - 1 : kept) : rounded;
}
