/** What something from outside has of its own under a name; undefined where it has nothing, or is no object. */
export function propertyOf(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null && Object.hasOwn(object, name)
    ? Reflect.get(object, name)
    : undefined;
}
