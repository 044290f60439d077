import { coordinate, cutText, element, escapeText } from "./svg.js";
import { formatNumber, niceTicks } from "./ticks.js";

/** An axis of numbers. */
export interface NumberAxis {
  /** Title, with the unit: `orders placed`, `error, hours`. */
  readonly label: string;
  readonly minimum: number;
  readonly maximum: number;
}

/** An axis of names, from top to bottom or from left to right. The position of a name is its index. */
export interface NameAxis {
  readonly label: string;
  readonly names: readonly string[];
}

/** A drawing before its marks. */
export interface Frame {
  /** Short name of the drawing, which screen readers read. */
  readonly title: string;
  /** The drawing in a sentence, for those who cannot see it. */
  readonly summary: string;
  readonly x: NumberAxis | NameAxis;
  readonly y: NumberAxis | NameAxis;
  /** In pixels of the drawing. Default: 280, or what the names of the y axis need. */
  readonly height?: number;
}

/** Where values are on a drawing, in its pixels. */
export interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** Distance of two neighbouring names; 0 on an axis of numbers. */
  readonly stepX: number;
  readonly stepY: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Small enough for the width of a phone, where the text stays readable. */
export const FRAME_WIDTH = 400;
const FRAME_HEIGHT = 280;
const TOP = 24;
const BOTTOM = 40;
const RIGHT = 14;
/** Mean width of a character in 12 pixels of a usual sans-serif. */
const CHARACTER_WIDTH = 6.6;
/** Longer names are cut short. */
const MAX_NAME_CHARACTERS = 18;
const TICKS_X = 5;
const TICKS_Y = 5;
/** Height of a row of an axis of names. */
const ROW_HEIGHT = 26;

/**
 * Draw a frame with its axes and marks, as an `<svg>` of 400 pixels width that scales with its container.
 *
 * @param drawMarks - Makes the marks, as markup, with the scales of the axes.
 */
export function drawFrame(frame: Frame, drawMarks: (scales: Scales) => string): string {
  const { title, summary, x, y } = frame;
  const rows = "names" in y ? y.names.length * ROW_HEIGHT + TOP + BOTTOM : FRAME_HEIGHT;
  const height = frame.height ?? rows;
  const labels = "names" in y ? y.names.map(shortName) : numberTicks(y, TICKS_Y).map(({ text }) => text);
  const longest = Math.max(0, ...labels.map((label) => label.length));
  const area = {
    ...{
      left: longest * CHARACTER_WIDTH + 14,
      right: FRAME_WIDTH - RIGHT,
      top: TOP,
      bottom: height - BOTTOM,
    },
  };
  const { left, right, top, bottom } = area;
  const scales: Scales = {
    ...area,
    x: scaleOf(x, left, right),
    y: "names" in y ? scaleOf(y, top, bottom) : scaleOf(y, bottom, top),
    stepX: "names" in x ? (right - left) / x.names.length : 0,
    stepY: "names" in y ? (bottom - top) / y.names.length : 0,
  };
  return element(
    "svg",
    { viewBox: `0 0 ${FRAME_WIDTH} ${coordinate(height)}`, role: "img" },
    element("title", {}, escapeText(title)),
    element("desc", {}, escapeText(summary)),
    xAxis(x, scales),
    yAxis(y, scales),
    drawMarks(scales),
  );
}

function scaleOf(axis: NumberAxis | NameAxis, from: number, to: number): (value: number) => number {
  if ("names" in axis) {
    const step = (to - from) / axis.names.length;
    return (index) => from + (index + 0.5) * step;
  }
  const { minimum, maximum } = axis;
  const span = maximum - minimum;
  // A single value stands in the middle.
  return (value) => (span > 0 ? from + ((value - minimum) / span) * (to - from) : (from + to) / 2);
}

function numberTicks({ minimum, maximum }: NumberAxis, count: number): { value: number; text: string }[] {
  return niceTicks(minimum, maximum, count).map((value) => ({ value, text: formatNumber(value, 6) }));
}

function shortName(name: string): string {
  return cutText(name, MAX_NAME_CHARACTERS);
}

function xAxis(axis: NumberAxis | NameAxis, { x, left, right, top, bottom }: Scales): string {
  const label = (at: number, text: string): string =>
    element("text", { x: at, y: bottom + 16, "text-anchor": "middle" }, escapeText(text));
  const ticks =
    "names" in axis
      ? axis.names.map((name, index) => label(x(index), cutText(name, 8)))
      : numberTicks(axis, TICKS_X).map(
          ({ value, text }) =>
            element("path", { class: "grid", d: `M${coordinate(x(value))} ${top}V${coordinate(bottom)}` }) +
            label(x(value), text),
        );
  const title = element(
    "text",
    { class: "title", x: right, y: bottom + 33, "text-anchor": "end" },
    escapeText(`${axis.label} →`),
  );
  const line = element("path", {
    class: "axis",
    d: `M${coordinate(left)} ${coordinate(bottom)}H${coordinate(right)}`,
  });
  return [...ticks, line, ...(axis.label === "" ? [] : [title])].join("");
}

function yAxis(axis: NumberAxis | NameAxis, { y, left, right, top, bottom }: Scales): string {
  const label = (at: number, text: string, whole = text): string =>
    element(
      "text",
      { x: left - 8, y: at + 4, "text-anchor": "end" },
      ...(whole === text ? [] : [element("title", {}, escapeText(whole))]),
      escapeText(text),
    );
  const ticks =
    "names" in axis
      ? axis.names.map((name, index) => label(y(index), shortName(name), name))
      : numberTicks(axis, TICKS_Y).map(
          ({ value, text }) =>
            element("path", {
              class: "grid",
              d: `M${coordinate(left)} ${coordinate(y(value))}H${coordinate(right)}`,
            }) + label(y(value), text),
        );
  const arrow = "names" in axis ? "" : "↑ ";
  const title = element("text", { class: "title", x: 2, y: 12 }, escapeText(`${arrow}${axis.label}`));
  const line = element("path", {
    class: "axis",
    d: `M${coordinate(left)} ${top}V${coordinate(bottom)}`,
  });
  return [...ticks, line, ...(axis.label === "" ? [] : [title])].join("");
}
