import type { Model } from "../aws/models/model.js";
import type { Feature, Target } from "../aws/models/feature.js";
import { driftBins } from "../monitoring/drift.js";
import { readProfile } from "../monitoring/profile.js";
import type { ColumnProfile } from "../monitoring/profile.js";
import { binsInWords, figure, figures, inWords, table } from "./html-page.js";
import { numberOf } from "./json.js";
import { drawBars, drawDensity } from "./plot/charts.js";
import { formatNumber } from "./plot/ticks.js";

/** More columns are listed in the table alone. */
const MAX_DRAWN = 12;
const MAX_LISTED = 100;
/** More bins are hard to read. They are those of the least frequent categories. */
const MAX_BINS = 20;

interface ProfiledColumn {
  readonly column: Feature | Target;
  readonly profile: ColumnProfile;
}

/** The training data: a table of all columns, and the distribution of each. */
export function dataSection<M>({ features, target, metadata }: Model<M>): string[] {
  const { profile } = metadata;
  const read = readProfile(profile, features, target);
  const ofFeatures = features.map((column, index) => ({ column, profile: read.features[index] }));
  const ofTarget = target === undefined ? [] : [{ column: target, profile: read.target }];
  const columns = [...ofTarget, ...ofFeatures].filter(hasProfile);
  const rows = columns.slice(0, MAX_LISTED).map(describeColumn);
  return [
    table(
      "Training rows by column",
      ["Column", "Rows", "Missing", "Smallest", "Median", "Mean", "Greatest"],
      rows,
    ),
    figures(columns.slice(0, MAX_DRAWN).map(distributionFigure)),
  ];
}

function hasProfile(column: {
  readonly column: Feature | Target;
  readonly profile: ColumnProfile | undefined;
}): column is ProfiledColumn {
  return column.profile !== undefined;
}

function describeColumn({ column, profile }: ProfiledColumn): string[] {
  const counted = [inWords(column), formatNumber(profile.count, 9), formatNumber(profile.nulls, 9)];
  if (profile.type !== "number") {
    return [...counted, "", "", "", ""];
  }
  const { minimum, median, mean, maximum } = profile;
  return [...counted, ...[minimum, median, mean, maximum].map((value) => formatNumber(value))];
}

function distributionFigure({ column, profile }: ProfiledColumn): string {
  const title = inWords(column);
  const bins = driftBins(profile, column);
  const names = binsInWords(bins.names).slice(0, MAX_BINS);
  const counts = bins.reference.slice(0, MAX_BINS);
  const shares = counts.map((count) => (100 * count) / profile.count);
  const titled = {
    title: `Distribution of ${title} in training`,
    summary: names.map((name, index) => `${name}: ${formatNumber(shares[index] ?? 0, 2)} %`).join("; "),
  };
  if (profile.type === "number") {
    const { minimum, deciles, maximum } = profile;
    const edges = [minimum, ...deciles, maximum];
    return numberOf(minimum) === undefined || numberOf(maximum) === undefined || maximum <= minimum
      ? ""
      : figure(
          title,
          drawDensity({ ...titled, edges, shares, xLabel: title }),
          "Each bar is about a tenth of the training rows.",
        );
  }
  const bars = { names, nameLabel: "", valueLabel: "share of training rows, %", series: [shares] };
  return figure(title, drawBars({ ...titled, ...bars }));
}
