import type { Model } from "../aws/models/model.js";
import type { Feature, Target } from "../aws/models/feature.js";
import { driftBins } from "../monitoring/drift.js";
import { own, readProfile } from "../monitoring/profile.js";
import type { ColumnProfile } from "../monitoring/profile.js";
import { figure, figures, inWords, table } from "./html-page.js";
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
  const read = readProfile(profile, features);
  const ofFeatures = features.map((column, index) => ({ column, profile: read.features[index] }));
  const ofTarget = target === undefined ? undefined : readTarget(target, profile);
  const columns = [...(ofTarget === undefined ? [] : [ofTarget]), ...ofFeatures].filter(hasProfile);
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

/** The profile of the target, which is checked as that of a feature. */
function readTarget(
  target: Target,
  profile: Parameters<typeof own>[0],
): { column: Target; profile: ColumnProfile | undefined } {
  const asFeature = { features: { [target.name]: own(profile, "target") ?? null } };
  return { column: target, profile: readProfile(asFeature, [target]).features[0] };
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
  const { names, counts } = namedBins(profile, column, driftBins(profile, column).reference);
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

/**
 * The bins of a column with their names as people read them: `up to 12`, `12 to 15`, `above 30`.
 *
 * @param counts - Rows or shares by bin, in the order of `driftBins`.
 */
export function namedBins(
  profile: ColumnProfile,
  column: Feature | Target,
  counts: readonly number[],
): { names: string[]; counts: number[] } {
  if (profile.type === "number") {
    const edges = profile.deciles.map((edge) => formatNumber(edge));
    const names = counts.map((_, bin) => nameBin(edges[bin - 1], edges[bin]));
    return { names, counts: [...counts] };
  }
  const { names } = driftBins(profile, column);
  return { names: names.slice(0, MAX_BINS), counts: counts.slice(0, MAX_BINS) };
}

function nameBin(above: string | undefined, upTo: string | undefined): string {
  if (above === undefined) {
    return upTo === undefined ? "all" : `up to ${upTo}`;
  }
  return upTo === undefined ? `above ${above}` : `${above} to ${upTo}`;
}
