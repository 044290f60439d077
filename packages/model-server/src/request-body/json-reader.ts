/** The next token that the text may have. */
type Expected = "value" | "value or end" | "name" | "name or end" | "comma or end" | "nothing";

/** An array or object that has begun; `value` is undefined where it is not built. */
interface Container {
  readonly isArray: boolean;
  readonly value: unknown[] | Record<string, unknown> | undefined;
}

const ARRAY_NOT_BUILT: Container = { isArray: true, value: undefined };
const OBJECT_NOT_BUILT: Container = { isArray: false, value: undefined };

/** Values that are nested more deeply are not built: no form of a request has them. */
const MAX_DEPTH = 8;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERALS: readonly (readonly [string, unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/**
 * Reads JSON a piece at a time, and builds only the properties with a wanted name.
 *
 * `JSON.parse` takes 0.2 s for 1 MB of properties with different names, and cannot be interrupted. This reader accepts the same texts.
 * It keeps its place in a stack of its own, so that values may be nested as deeply as they like.
 */
export class JsonReader {
  readonly #text: string;
  readonly #wanted: ReadonlySet<string>;
  readonly #maxItems: number;
  readonly #open: Container[] = [];
  #at = 0;
  #expected: Expected = "value";
  /** The name of the value that comes next; undefined where it is not wanted. */
  #name: string | undefined;
  #value: unknown;

  /**
   * @param wanted - Names of properties. The values of all others are checked, and not built.
   * @param maxItems - Arrays and objects in an array beyond so many are undefined. Its length is that of the text.
   */
  constructor(text: string, wanted: ReadonlySet<string>, maxItems: number) {
    this.#text = text;
    this.#wanted = wanted;
    this.#maxItems = maxItems;
  }

  /**
   * Read on.
   *
   * @param characters - After so many it stops, at the end of the token.
   * @returns Whether the text is read to its end.
   * @throws {SyntaxError} The text is no JSON; the message names the position, from 0.
   */
  read(characters: number): boolean {
    const stop = this.#at + characters;
    this.#skipSpace();
    while (this.#at < this.#text.length && this.#at < stop) {
      this.#readToken(this.#text.charCodeAt(this.#at));
      this.#skipSpace();
    }
    if (this.#at < this.#text.length) {
      return false;
    }
    if (this.#expected !== "nothing") {
      throw this.#unexpected();
    }
    return true;
  }

  /** The value, once the text is read to its end. */
  get value(): unknown {
    return this.#value;
  }

  #readToken(code: number): void {
    switch (this.#expected) {
      case "value or end":
      case "value":
        if (code === CLOSE_BRACKET && this.#expected === "value or end") {
          this.#close();
        } else {
          this.#readValue(code);
        }
        return;
      case "name or end":
      case "name":
        if (code === CLOSE_BRACE && this.#expected === "name or end") {
          this.#close();
        } else {
          this.#readName(code);
        }
        return;
      case "comma or end":
        this.#readComma(code);
        return;
      case "nothing":
        throw this.#unexpected();
    }
  }

  #readValue(code: number): void {
    if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      const isArray = code === OPEN_BRACKET;
      this.#open.push(this.#begin(isArray));
      this.#at += 1;
      this.#expected = isArray ? "value or end" : "name or end";
      return;
    }
    this.#add(code === QUOTE ? this.#readText() : this.#readPlain());
    this.#expected = this.#open.length === 0 ? "nothing" : "comma or end";
  }

  #begin(isArray: boolean): Container {
    const parent = this.#open.at(-1)?.value;
    const isTooMuch =
      this.#open.length >= MAX_DEPTH || (Array.isArray(parent) && parent.length >= this.#maxItems);
    if (isTooMuch || !this.#isWanted()) {
      this.#add(undefined);
      return isArray ? ARRAY_NOT_BUILT : OBJECT_NOT_BUILT;
    }
    const value = isArray ? [] : {};
    this.#add(value);
    return { isArray, value };
  }

  #readName(code: number): void {
    if (code !== QUOTE) {
      throw this.#unexpected();
    }
    const name = this.#readText();
    this.#name = this.#wanted.has(name) ? name : undefined;
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== COLON) {
      throw this.#unexpected();
    }
    this.#at += 1;
    this.#expected = "value";
  }

  #readComma(code: number): void {
    const isArray = this.#open.at(-1)?.isArray === true;
    if (code === (isArray ? CLOSE_BRACKET : CLOSE_BRACE)) {
      this.#close();
    } else if (code === COMMA) {
      this.#at += 1;
      this.#expected = isArray ? "value" : "name";
    } else {
      throw this.#unexpected();
    }
  }

  #close(): void {
    this.#at += 1;
    this.#open.pop();
    this.#expected = this.#open.length === 0 ? "nothing" : "comma or end";
  }

  /** Whether the value that comes next is part of the result. */
  #isWanted(): boolean {
    const parent = this.#open.at(-1);
    return (
      parent === undefined || (parent.value !== undefined && (parent.isArray || this.#name !== undefined))
    );
  }

  #add(value: unknown): void {
    const parent = this.#open.at(-1)?.value;
    if (this.#open.length === 0) {
      this.#value = value;
    } else if (Array.isArray(parent)) {
      parent.push(value);
    } else if (parent !== undefined && this.#name !== undefined) {
      setOwn(parent, this.#name, value);
    }
  }

  #readText(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let isPlain = true;
    let end = start;
    for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(end)) {
      // NaN after the last character.
      if (!(code >= 0x20)) {
        this.#at = end;
        throw this.#unexpected();
      }
      isPlain &&= code !== BACKSLASH;
      end += code === BACKSLASH ? 2 : 1;
    }
    this.#at = end + 1;
    return isPlain ? text.slice(start, end) : this.#unescape(start - 1, end + 1);
  }

  #unescape(start: number, end: number): string {
    try {
      return String(JSON.parse(this.#text.slice(start, end)));
    } catch {
      this.#at = this.#text.indexOf("\\", start);
      throw this.#unexpected();
    }
  }

  /** A number, true, false or null. */
  #readPlain(): unknown {
    NUMBER.lastIndex = this.#at;
    if (NUMBER.test(this.#text)) {
      const start = this.#at;
      this.#at = NUMBER.lastIndex;
      return this.#isWanted() ? Number(this.#text.slice(start, this.#at)) : undefined;
    }
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    throw this.#unexpected();
  }

  #skipSpace(): void {
    let code = this.#text.charCodeAt(this.#at);
    while (code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b && code !== 0x0c)) {
      this.#at += 1;
      code = this.#text.charCodeAt(this.#at);
    }
  }

  /** In the words of V8. */
  #unexpected(): SyntaxError {
    const at = this.#at;
    const character = this.#text.charAt(at);
    return new SyntaxError(
      character === ""
        ? "Unexpected end of JSON input"
        : `Unexpected token ${JSON.stringify(character)} in JSON at position ${at}`,
    );
  }
}

/** As JSON.parse has it: also a property named `__proto__` is one of its own. */
function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[name] = value;
  }
}
