import { shown } from "./schema/shown.js";

/**
 * Which columns have the same name, as it reads in a message; undefined for none.
 *
 * @param wanted - The names to look at. Default: all.
 */
export function nameTwice(names: readonly string[], wanted = names): string | undefined {
  const looked = new Set(wanted);
  const firsts = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const first = firsts.get(name);
    if (first !== undefined && looked.has(name))
      return `columns ${first + 1} and ${index + 1} are both named ${shown(name)}`;
    firsts.set(name, index);
  }
  return undefined;
}
