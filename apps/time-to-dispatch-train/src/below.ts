/** A number with three decimals, or with all it has where three would hide that it is below the bound. */
export function below(value: number, bound: number): string {
  const rounded = value.toFixed(3);
  return Number(rounded) >= bound ? String(value) : rounded;
}
