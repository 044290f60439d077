/**
 * A column of the signature.
 *
 * @typedef {{ name: string, type?: string, unit?: string, integer?: boolean }} Column
 */

/**
 * A fault of a request, in the words of the API.
 *
 * @typedef {{ type: string, msg: string, ctx?: { limit_value?: number } }} Fault
 */

/**
 * `orders_placed` as `Orders placed`.
 *
 * @param {string} name
 */
export function labelOf(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * A label with its unit, if it has one: `Orders placed (pieces)`.
 *
 * @param {Column} column
 */
export function labelWithUnit({ name, unit }) {
  return unit === undefined ? labelOf(name) : `${labelOf(name)} (${unit})`;
}

/** @param {unknown} value */
export const yesOrNo = (value) => (String(value) === "true" ? "yes" : "no");

/**
 * Two decimals, or three digits of a number that two decimals would hide.
 *
 * @param {number} value
 */
function showNumber(value) {
  return value === 0 || Math.abs(value) >= 0.1 ? value.toFixed(2) : value.toPrecision(3);
}

/**
 * A prediction in words: `6.50 hours`, or a class by name.
 *
 * @param {number | string} value
 * @param {string | undefined} unit
 */
export function inWords(value, unit) {
  return typeof value === "number" ? `${showNumber(value)}${unit === undefined ? "" : ` ${unit}`}` : value;
}

/**
 * The header `x-model-extrapolates` in words.
 *
 * @param {string} header - Names, percent-encoded, and `...` where it leaves some out.
 */
export function extrapolationInWords(header) {
  const names = header
    .split(", ")
    .map((name) => (name === "..." ? "others" : labelOf(decodeURIComponent(name)).toLowerCase()));
  return `Outside the training data: ${names.join(", ")}. Treat this prediction as a guess.`;
}

/** Bounds beyond it are those of 32-bit numbers, which nobody has agreed on. */
const GREATEST_SHOWN = 1e30;

/** @param {Column} column */
function askForValue({ name, type, integer = false }) {
  const noun = labelOf(name).toLowerCase();
  switch (type) {
    case "category":
      return `Choose ${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
    case "boolean":
      return "Choose yes or no";
    default:
      return integer ? "Enter a whole number" : "Enter a number";
  }
}

/**
 * A fault of one field as a request to the person at the form.
 *
 * @param {Column | undefined} column - The field; undefined if the model has no such field.
 * @param {Fault} fault
 */
export function faultInWords(column, { type, msg, ctx: { limit_value: limit = 0 } = {} }) {
  if (column === undefined) {
    return msg;
  }
  const isShown = Math.abs(limit) <= GREATEST_SHOWN;
  switch (type) {
    case "value_error.missing":
    case "type_error.none.not_allowed":
    case "type_error.enum":
    case "type_error.bool":
    case "type_error.float":
    case "type_error.integer":
      return askForValue(column);
    case "value_error.number.not_ge":
      return isShown ? `Enter ${limit} or more` : "Enter a greater number";
    case "value_error.number.not_le":
      return isShown ? `Enter ${limit} or less` : "Enter a smaller number";
    default:
      return msg;
  }
}

/**
 * Units of time, from the greatest on, with their seconds.
 *
 * @type {[unit: string, seconds: number][]}
 */
const UNITS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/**
 * A time with its age: `2026-01-01T00:00:00.000Z (3 days ago)`.
 *
 * @param {string} time
 */
export function timeWithAge(time) {
  const seconds = (Date.now() - Date.parse(time)) / 1_000;
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? ["second", 1];
  const count = Math.floor(seconds / length);
  return count >= 1 ? `${time} (${count} ${unit}${count === 1 ? "" : "s"} ago)` : time;
}
