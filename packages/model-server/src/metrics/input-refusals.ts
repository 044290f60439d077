import type { ServedModel } from "../model/served-model.js";
import type { ValidationDetail } from "../validation/validation-detail.js";

/** Why an input is refused, by the type of its fault. Any other fault is one of the request's form. */
const REASONS: Readonly<Record<string, string>> = {
  "value_error.missing": "missing",
  "type_error.none.not_allowed": "null",
  "type_error.enum": "unknown_category",
  "type_error.float": "wrong_type",
  "type_error.integer": "wrong_type",
  "type_error.bool": "wrong_type",
  "value_error.number.not_ge": "out_of_bounds",
  "value_error.number.not_le": "out_of_bounds",
};
/** The reason of a fault that no single input has: no JSON, no object, too many rows. */
const FORM = "form";

/** Reasons for which an input is refused. */
export const INPUT_REASONS: readonly string[] = [...new Set(Object.values(REASONS))];

/** Models of ever other features must not add series without end. */
const MAX_SERIES = 1_000;

/** Requests that were refused for an input, by feature and reason. */
export class InputRefusals {
  readonly #counts = new Map<string, Map<string, number>>();
  #series = 0;

  /** By feature, then by reason. A fault of the request's form has no feature, `""`. */
  get counts(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#counts;
  }

  /** Count a request once for each feature and reason, however many of its rows have the fault. */
  observe(faults: readonly ValidationDetail[], model: ServedModel | undefined): void {
    const found = new Map<string, Set<string>>();
    for (const { loc, type } of faults) {
      const name = loc.at(-1);
      const isFeature = typeof name === "string" && model?.rows.names.has(name) === true;
      const feature = isFeature ? name : "";
      const reasons = found.get(feature) ?? new Set();
      found.set(feature, reasons.add((isFeature ? REASONS[type] : undefined) ?? FORM));
    }
    for (const [feature, reasons] of found) {
      for (const reason of reasons) {
        this.#add(feature, reason);
      }
    }
  }

  #add(feature: string, reason: string): void {
    let reasons = this.#counts.get(feature);
    const count = reasons?.get(reason);
    if (count === undefined && this.#series >= MAX_SERIES && feature !== "") {
      this.#add("", FORM);
      return;
    }
    this.#series += count === undefined ? 1 : 0;
    reasons ??= new Map();
    this.#counts.set(feature, reasons.set(reason, (count ?? 0) + 1));
  }
}
