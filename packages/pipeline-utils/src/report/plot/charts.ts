import { drawFrame } from "./frame.js";
import type { Scales } from "./frame.js";
import { coordinate, element, escapeText } from "./svg.js";
import { formatNumber } from "./ticks.js";

/** The texts of every drawing. */
interface Titled {
  /** Short name of the drawing, which screen readers read. */
  readonly title: string;
  /** The drawing in a sentence, for those who cannot see it. */
  readonly summary: string;
}

/** Bars from zero, one group for each name. */
export interface BarPlot extends Titled {
  readonly names: readonly string[];
  /** Title of the axis of names. */
  readonly nameLabel: string;
  /** Title of the axis of values, with the unit. */
  readonly valueLabel: string;
  /** One or two series, each with a value for each name. */
  readonly series: readonly (readonly number[])[];
}

/** Draw horizontal bars. Two series stand beside each other, the first in front. */
export function drawBars({ title, summary, names, nameLabel, valueLabel, series }: BarPlot): string {
  const values = series.flat();
  const minimum = Math.min(0, ...values);
  const maximum = Math.max(0, ...values) || 1;
  const frame = {
    ...{ title, summary },
    x: { label: valueLabel, minimum, maximum },
    y: { label: nameLabel, names },
  };
  return drawFrame(frame, ({ x, y, stepY }) => {
    const room = stepY * 0.76;
    const thickness = room / series.length;
    return series
      .flatMap((bars, index) =>
        bars.map((value, row) => {
          const top = y(row) - room / 2 + index * thickness;
          const [from, to] = [x(Math.min(0, value)), x(Math.max(0, value))];
          return element("rect", {
            ...{ class: `bar series-${index}`, x: from, y: top, width: to - from, height: thickness },
          });
        }),
      )
      .join("");
  });
}

/** Bins of a number, of any width. */
export interface DensityPlot extends Titled {
  /** Bounds of the bins, ascending; one more than `shares`. */
  readonly edges: readonly number[];
  /** Share of the rows in each bin, shape (bins). */
  readonly shares: readonly number[];
  /** Title of the axis of values, with the unit. */
  readonly xLabel: string;
}

/** Draw a histogram whose areas are the shares: the height of a bin is its share by its width. */
export function drawDensity({ edges, shares, xLabel, ...titled }: DensityPlot): string {
  const bins = shares.flatMap((share, bin) => {
    const [from = NaN, to = NaN] = [edges[bin], edges[bin + 1]];
    return to > from ? [{ from, to, density: share / (to - from) }] : [];
  });
  const highest = Math.max(...bins.map(({ density }) => density));
  const frame = {
    ...{ title: titled.title, summary: titled.summary, height: 240 },
    x: { label: xLabel, minimum: edges[0] ?? 0, maximum: edges.at(-1) ?? 1 },
    y: { label: "share per unit, %", minimum: 0, maximum: highest },
  };
  return drawFrame(frame, ({ x, y, bottom }) =>
    bins
      .map(({ from, to, density }) => {
        const [left, top] = [x(from), y(density)];
        // A gap between neighbours, so that equal heights stay two bins.
        const width = Math.max(x(to) - left - 1, 0.5);
        return element("rect", { class: "bar", x: left, y: top, width, height: bottom - top });
      })
      .join(""),
  );
}

/** One row of a {@link RangePlot}. */
export interface PlottedRange {
  readonly name: string;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  /** An inner range, drawn thicker. Default: none. */
  readonly inner?: readonly [low: number, high: number];
}

/** Ranges with a middle, one row for each name. */
export interface RangePlot extends Titled {
  readonly ranges: readonly PlottedRange[];
  readonly nameLabel: string;
  readonly valueLabel: string;
  /** A value to mark by a line, such as 0. Default: none. */
  readonly reference?: number;
}

/** Draw ranges as horizontal lines with a dot in the middle. */
export function drawRanges({ ranges, reference, ...plot }: RangePlot): string {
  const values = ranges
    .flatMap(({ low, high, middle }) => [low, high, middle])
    .concat(reference === undefined ? [] : [reference]);
  const frame = {
    ...plot,
    x: { label: plot.valueLabel, minimum: Math.min(...values), maximum: Math.max(...values) },
    y: { label: plot.nameLabel, names: ranges.map(({ name }) => name) },
  };
  return drawFrame(frame, ({ x, y, top, bottom }) => {
    const line = (row: number, low: number, high: number, name: string): string =>
      element("path", {
        class: name,
        d: `M${coordinate(x(low))} ${coordinate(y(row))}H${coordinate(x(high))}`,
      });
    const marks = ranges.map(
      ({ low, middle, high, inner }, row) =>
        line(row, low, high, "range") +
        (inner === undefined ? "" : line(row, inner[0], inner[1], "inner-range")) +
        element("circle", { class: "dot", cx: x(middle), cy: y(row), r: 4 }),
    );
    const zero =
      reference === undefined
        ? ""
        : element("path", {
            class: "reference",
            d: `M${coordinate(x(reference))} ${coordinate(top)}V${coordinate(bottom)}`,
          });
    return zero + marks.join("");
  });
}

/** Points of two values in the same unit. */
export interface PointPlot extends Titled {
  /** Shape (points). */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly xLabel: string;
  readonly yLabel: string;
}

/** Draw points around the diagonal on which both values are equal. Both axes have the same range. */
export function drawPoints({ x: across, y: up, xLabel, yLabel, ...titled }: PointPlot): string {
  const all = [...across, ...up];
  const minimum = Math.min(...all);
  const maximum = Math.max(...all);
  const bounds = { minimum, maximum };
  const frame = { ...titled, height: 380, x: { label: xLabel, ...bounds }, y: { label: yLabel, ...bounds } };
  return drawFrame(frame, ({ x, y }) => {
    const at = (a: number, b: number): string => `${coordinate(x(a))} ${coordinate(y(b))}`;
    const diagonal = element("path", {
      class: "reference",
      d: `M${at(minimum, minimum)}L${at(maximum, maximum)}`,
    });
    // One path of dots without length, drawn by its round line caps, takes a third of the bytes of circles.
    const dots = across.map((value, index) => `M${at(value, up[index] ?? NaN)}h0`).join("");
    return diagonal + element("path", { class: "points", d: dots });
  });
}

/** A curve of predictions, with an interval around it. */
export interface CurvePlot extends Titled {
  /** Ascending, shape (steps). */
  readonly steps: readonly number[];
  /** Shape (steps). */
  readonly values: readonly number[];
  /** The lower and upper bounds of the interval, each of shape (steps). Default: no interval. */
  readonly band?: { readonly low: readonly number[]; readonly high: readonly number[] } | undefined;
  /** Whether a value holds from its step up to the next; else the values are joined by lines. */
  readonly isStepped: boolean;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Range of the x axis, to which the last step holds. */
  readonly xRange: readonly [minimum: number, maximum: number];
  /** Range of the y axis, so that several drawings can be compared. */
  readonly yRange: readonly [minimum: number, maximum: number];
}

/** Draw one curve. */
export function drawCurve({ steps, values, band, isStepped, xRange, yRange, ...plot }: CurvePlot): string {
  const frame = {
    ...plot,
    height: 240,
    x: { label: plot.xLabel, minimum: xRange[0], maximum: xRange[1] },
    y: { label: plot.yLabel, minimum: yRange[0], maximum: yRange[1] },
  };
  return drawFrame(frame, (scales) => {
    const path = (line: readonly number[]): string[] =>
      pathOf(steps, line, { isStepped, scales, end: xRange[1] });
    const area =
      band === undefined
        ? ""
        : element("path", {
            class: "band",
            d: `M${path(band.high).join("L")}L${path(band.low).reverse().join("L")}Z`,
          });
    return area + element("path", { class: "curve", d: `M${path(values).join("L")}` });
  });
}

/** The corners of a line, as coordinates. */
function pathOf(
  steps: readonly number[],
  values: readonly number[],
  { isStepped, scales, end }: { readonly isStepped: boolean; readonly scales: Scales; readonly end: number },
): string[] {
  const { x, y } = scales;
  return steps.flatMap((step, index) => {
    const height = coordinate(y(values[index] ?? NaN));
    const start = `${coordinate(x(step))} ${height}`;
    return isStepped ? [start, `${coordinate(x(steps[index + 1] ?? end))} ${height}`] : [start];
  });
}

/** A table of values, shown as shades. */
export interface HeatMap extends Titled {
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xNames: readonly string[];
  readonly yNames: readonly string[];
  /** Shape (names of y, names of x). NaN is left empty. */
  readonly values: readonly (readonly number[])[];
}

/** Draw a heat map. Each cell has its number, so that it can be read in print and without colours. */
export function drawHeatMap({ xLabel, yLabel, xNames, yNames, values, ...titled }: HeatMap): string {
  const present = values.flat().filter((value) => Number.isFinite(value));
  const least = Math.min(...present);
  const greatest = Math.max(...present);
  const span = greatest - least || 1;
  // Scores differ in the third decimal, counts are whole.
  const isScore = greatest <= 10 && !present.every(Number.isInteger);
  const show = (value: number): string => (isScore ? value.toFixed(3) : formatNumber(value, 3));
  const frame = { ...titled, x: { label: xLabel, names: xNames }, y: { label: yLabel, names: yNames } };
  return drawFrame(frame, ({ x, y, stepX, stepY }) =>
    values
      .flatMap((row, j) =>
        row.map((value, i) => {
          if (!Number.isFinite(value)) {
            return "";
          }
          const [left, top] = [x(i) - stepX / 2, y(j) - stepY / 2];
          const shade = 0.06 + 0.5 * ((value - least) / span);
          const cell = element("rect", {
            ...{ class: "cell", x: left, y: top, width: stepX, height: stepY },
            "fill-opacity": shade,
          });
          const label = { class: "cell-value", x: x(i), y: y(j) + 3.5, "text-anchor": "middle" };
          return cell + element("text", label, escapeText(show(value)));
        }),
      )
      .join(""),
  );
}
