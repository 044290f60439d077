/* global document */
const SVG = "http://www.w3.org/2000/svg";
/** From one name at the end of a line to the next, in pixels. */
const LABEL_HEIGHT = 15;
/** From the end of a line to its name. */
const LABEL_GAP = 11;
/** The most of the drawing's width that names take. Wider ones are cut short, and whole when pointed at. */
const LABEL_SHARE = 0.4;
/** The most of the drawing's width that the names of classes take, on the left. */
const CLASS_SHARE = 0.25;
/** From the name of a class to the axis, in pixels. */
const TICK_GAP = 24;
const MARGIN = { left: 50, top: 10, bottom: 40 };
/** Told apart by colour, by dashes, and by the name at the end of each line. */
const COLOURS = ["#3b7dd8", "#c2571a", "#2e8b57", "#a259c4", "#b8860b", "#c23b5e", "#1f8a99"];
const DASHES = ["", "8 3", "2 3", "10 3 2 3", "5 5"];

function draw(tag, attributes, text) {
  const drawn = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    drawn.setAttribute(name, String(value));
  }
  if (text !== undefined) {
    drawn.textContent = text;
  }
  return drawn;
}

/** The names as they fit into the room for them, and the width of the widest. */
function fitLabels(container, names, room) {
  const probe = draw("text", { class: "line-name" });
  const svg = draw("svg", {});
  svg.append(probe);
  container.replaceChildren(svg);
  const widthOf = (text) => {
    probe.textContent = text;
    return probe.getComputedTextLength();
  };
  const labels = names.map((name) => cutShort(name, (text) => widthOf(text) <= room));
  return { labels, labelWidth: Math.max(0, ...labels.map(widthOf)) };
}

/** As much of a text as fits, with an ellipsis if that is not all of it. */
function cutShort(text, fits) {
  if (fits(text)) {
    return text;
  }
  const characters = [...text];
  let [most, least] = [characters.length, 0];
  while (most - least > 1) {
    const middle = (most + least) >> 1;
    if (fits(`${characters.slice(0, middle).join("")}…`)) {
      least = middle;
    } else {
      most = middle;
    }
  }
  return `${characters.slice(0, least).join("")}…`;
}

/** Round numbers that divide a range into about five. */
function ticksOf(minimum, maximum) {
  const rough = (maximum - minimum) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const first = Math.ceil(minimum / step);
  return Array.from({ length: Math.floor(maximum / step) - first + 1 }, (_, index) => (first + index) * step);
}

/** The values of all lines as numbers: of classes, their index. */
function numbersOf({ lines, classes }) {
  const indices = new Map(classes?.map((name, index) => [name, index]));
  return Object.values(lines).map((values) => values.map((value) => indices.get(value) ?? value));
}

/** Where values of the feature and predictions are on the drawing. */
function scalesOf({ steps, classes, isExact }, numbers, mark, { height, left, right }) {
  const [first = 0] = steps;
  const last = steps.at(-1) ?? first;
  const xMin = Math.min(first, mark?.at ?? first);
  // Exact steps hold beyond the last one; samples say nothing of what is beyond.
  const beyond = isExact ? (last - first) * 0.1 : 0;
  const xMax = Math.max(last + beyond, mark?.at ?? last, last === first ? first + 10 : last);
  // One by one: as arguments of one call they may be more than a browser takes, Safari 65,536.
  const all = [...numbers.flat(), ...(typeof mark?.value === "number" ? [mark.value] : [])];
  const highest = classes ? classes.length - 1 : all.reduce((most, value) => Math.max(most, value), 1);
  const yMin = classes ? -0.5 : all.reduce((least, value) => Math.min(least, value), 0) * 1.05;
  const yMax = classes ? highest + 0.5 : highest * 1.05;
  const x = (value) => left + ((value - xMin) / (xMax - xMin)) * (right - left);
  const y = (value) =>
    height - MARGIN.bottom - ((value - yMin) / (yMax - yMin)) * (height - MARGIN.top - MARGIN.bottom);
  return { x, y, xMin, xMax, yMin, yMax, height, left, right };
}

function axes(
  { x, y, xMin, xMax, yMin, yMax, height, left, right },
  { feature, classes, unit },
  classLabels,
) {
  const bottom = height - MARGIN.bottom;
  const format = (value) => String(Number(value.toPrecision(6)));
  const yTicks = classes ? classes.map((_name, index) => index) : ticksOf(yMin, yMax);
  return [
    ...yTicks.flatMap((value) => [
      draw("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
      draw(
        "text",
        { x: left - 8, y: y(value) + 4, "text-anchor": "end" },
        classLabels[value] ?? format(value),
      ),
    ]),
    ...ticksOf(xMin, xMax).map((value) =>
      draw("text", { x: x(value), y: bottom + 16, "text-anchor": "middle" }, format(value)),
    ),
    draw("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }),
    draw("line", { class: "axis", x1: left, x2: left, y1: MARGIN.top, y2: bottom }),
    draw("text", { x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, inWords(feature)),
    draw(
      "text",
      { transform: `translate(12 ${height / 2}) rotate(-90)`, "text-anchor": "middle" },
      classes ? "" : (unit ?? "prediction"),
    ),
  ];
}

/** `orders_placed` in pieces as `orders placed, pieces`. */
function inWords({ name, unit }) {
  return `${name.replaceAll("_", " ")}${unit === undefined ? "" : `, ${unit}`}`;
}

/** How high each name stands: beside the end of its line, or as near as the other names leave room. */
function labelHeights(ends, { height }) {
  const lowest = height - MARGIN.bottom;
  const order = ends.map((_, index) => index).sort((a, b) => ends[a] - ends[b]);
  const heights = [];
  order.forEach((index, rank) => {
    const above = rank === 0 ? -Infinity : heights[order[rank - 1]];
    heights[index] = Math.max(ends[index], above + LABEL_HEIGHT);
  });
  // Those pushed out at the bottom, and whatever is in their way, back up.
  order.reverse().forEach((index, rank) => {
    const below = rank === 0 ? lowest + LABEL_HEIGHT : heights[order[rank - 1]];
    heights[index] = Math.min(heights[index], below - LABEL_HEIGHT);
  });
  return heights;
}

function curve(line, values, index, { steps, isExact, classes }, { x, y, xMax, right }, label) {
  const stepped = values.map((value, step) => {
    const end = steps[step + 1] ?? xMax;
    return `${step === 0 ? `M${x(steps[0])} ${y(value)}` : `V${y(value)}`} H${x(end)}`;
  });
  const joined = values.map((value, step) => `${step === 0 ? "M" : "L"}${x(steps[step])} ${y(value)}`);
  const colour = COLOURS[index % COLOURS.length];
  const dashes = DASHES[index % DASHES.length];
  const name = draw("text", { class: "line-name", x: right + LABEL_GAP, y: label.height + 4 }, label.text);
  name.append(draw("title", {}, line));
  return [
    draw("path", {
      class: "curve",
      d: (isExact || classes ? stepped : joined).join(" "),
      stroke: colour,
      "stroke-dasharray": dashes,
      "data-line": line,
    }),
    draw("line", {
      stroke: colour,
      x1: isExact ? right : x(steps.at(-1)),
      x2: right + 8,
      y1: y(values.at(-1) ?? 0),
      y2: label.height,
    }),
    name,
  ];
}

/** The drawing in a sentence, for those who cannot see it. */
function summarise({ feature, lines, unit }) {
  const format = (value) => (typeof value === "number" ? value.toFixed(1) : value);
  const ends = Object.entries(lines).map(
    ([line, values]) =>
      `${line} from ${format(values[0])} to ${format(values.at(-1))}${unit ? ` ${unit}` : ""}`,
  );
  return `Predictions against ${inWords(feature)}: ${ends.join(", ")}.`;
}

/**
 * Draw predictions against one feature, one stepped line for each value of another.
 *
 * @param container The element whose content is replaced, and whose width it takes.
 * @param curves `{ feature, steps, lines, isExact, classes?, unit? }`, the lines by name.
 * @param mark The last prediction, if any: `{ line, at, value }`.
 */
export function drawPlot(container, curves, mark) {
  const width = Math.max(container.clientWidth, 280);
  const { lines, classes = [] } = curves;
  const names = Object.keys(lines);
  const numbers = numbersOf(curves);
  const height = Math.max(
    Math.round(Math.min(Math.max(width / 2, 240), 440)),
    names.length * LABEL_HEIGHT + MARGIN.top + MARGIN.bottom,
  );
  const { labels, labelWidth } = fitLabels(container, names, width * LABEL_SHARE);
  const ticks = fitLabels(container, classes, width * CLASS_SHARE);
  const left = Math.max(MARGIN.left, ticks.labelWidth + TICK_GAP);
  const scales = scalesOf(curves, numbers, mark, { height, left, right: width - LABEL_GAP - labelWidth });
  const ends = numbers.map((values) => scales.y(values.at(-1) ?? 0));
  const heights = labelHeights(ends, scales);
  const svg = draw("svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-labelledby": "plot-label",
  });
  svg.append(
    draw("title", { id: "plot-label" }, summarise(curves)),
    ...axes(scales, curves, ticks.labels),
    ...names.flatMap((line, index) =>
      curve(line, numbers[index], index, curves, scales, { text: labels[index], height: heights[index] }),
    ),
  );
  if (mark) {
    const value = curves.classes ? classes.indexOf(mark.value) : mark.value;
    svg.append(draw("circle", { class: "marker", r: 6, cx: scales.x(mark.at), cy: scales.y(value) }));
  }
  container.replaceChildren(svg);
}
