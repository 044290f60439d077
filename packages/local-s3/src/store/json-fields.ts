/** A JSON object whose fields are read with their types checked. */
export class JsonFields {
  readonly #value: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (!isJsonObject(value)) {
      throw new Error("a JSON object was expected");
    }
    this.#value = value;
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined;
  }

  text(name: string): string {
    const value = this.#value[name];
    return typeof value === "string" ? value : this.#refuse(name, "a string");
  }

  count(name: string): number {
    const value = this.#value[name];
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
      ? value
      : this.#refuse(name, "a whole number");
  }

  flag(name: string): boolean {
    const value = this.#value[name];
    return typeof value === "boolean" ? value : this.#refuse(name, "true or false");
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.#value[name];
    return (
      allowed.find((candidate) => candidate === value) ?? this.#refuse(name, `one of ${allowed.join(", ")}`)
    );
  }

  fields(name: string): JsonFields {
    return new JsonFields(this.#value[name]);
  }

  list(name: string): readonly unknown[] {
    const value = this.#value[name];
    return Array.isArray(value) ? value : this.#refuse(name, "a list");
  }

  texts(name: string): Readonly<Record<string, string>> {
    const value = this.#value[name];
    return isTexts(value) ? value : this.#refuse(name, "an object of strings");
  }

  #refuse(name: string, expected: string): never {
    const value = this.#value[name];
    throw new Error(
      `${name} is ${value === undefined ? "missing" : JSON.stringify(value)}, expected ${expected}`,
    );
  }
}

function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isJsonObject(value) && Object.values(value).every((text) => typeof text === "string");
}
