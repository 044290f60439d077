import { randomNumbers } from "../formats/random-numbers.mjs";

const PIECES = [..."abcxyz019 ,\"\n;'|\t#%éß東🎉", "\r\n", '""', "NA", "null", "true", "-", "+", ".", "e"];

/**
 * A CSV file of columns of floats, short decimals, integers, and texts that need quotes, with nulls.
 *
 * @param {number} seed
 * @returns {{ text: string, columns: { name: string, kind: "number" | "text", values: (string | null)[] }[] }} `values`:
 *   each field's text; of numbers as written.
 */
export function randomFile(seed) {
  const random = randomNumbers(seed);
  /** @param {number} below */
  const integer = (below) => Math.floor(random() * below);
  const double = new DataView(new ArrayBuffer(8));
  const anyDouble = () => {
    double.setUint32(0, integer(2 ** 32));
    double.setUint32(4, integer(2 ** 32));
    const value = double.getFloat64(0);
    return Number.isFinite(value) && value !== 0 ? String(value) : "0.5";
  };
  const digits = () => Array.from({ length: 1 + integer(19) }, () => integer(10)).join("");
  const numbers = [
    anyDouble,
    () => String((random() - 0.5) * 10 ** integer(12)),
    () => (integer(200_000) / 10 ** (1 + integer(3)) - 50).toFixed(1 + integer(4)),
    () => `${integer(2) === 0 ? "-" : ""}${1 + integer(9)}${digits().slice(integer(19))}.${digits()}`,
    () => String(integer(2 ** 31) - 2 ** 30),
    () => `${integer(1000)}.${integer(10)}e${integer(600) - 300}`,
  ];
  const word = () => Array.from({ length: integer(8) }, () => PIECES[integer(PIECES.length)]).join("");
  const rows = 1 + integer(2000);
  const nulls = integer(3) / 4;
  const columns = Array.from({ length: 2 + integer(6) }, (_, index) => {
    const isText = integer(3) === 0;
    const one = numbers[integer(numbers.length)] ?? anyDouble;
    const any = () => (numbers[integer(numbers.length)] ?? anyDouble)();
    const value = isText ? () => `t${word()}` : integer(2) === 0 ? one : any;
    return {
      name: `c${index}`,
      kind: /** @type {"number" | "text"} */ (isText ? "text" : "number"),
      // A value that shows the type stands first, so that no column is all null.
      values: Array.from({ length: rows }, (_, row) => (row > 0 && random() < nulls ? null : value())),
    };
  });
  const newline = integer(2) === 0 ? "\n" : "\r\n";
  const lines = Array.from({ length: rows }, (_, row) =>
    columns.map(({ values }) => fieldOf(values[row] ?? "", integer(4) === 0)).join(","),
  );
  return { text: [columns.map(({ name }) => name).join(","), ...lines, ""].join(newline), columns };
}

/**
 * @param {string} text
 * @param {boolean} isEager - Whether texts are in quotes that do not need them.
 */
function fieldOf(text, isEager) {
  const isText = text.startsWith("t");
  return /[",\r\n]/.test(text) || (isText && isEager) ? `"${text.replaceAll('"', '""')}"` : text;
}
