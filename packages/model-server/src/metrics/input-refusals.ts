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

/** Requests that were refused for one input, for one reason. */
export interface InputRefusal {
  /** `""` for a fault of the request's form. */
  readonly feature: string;
  readonly reason: string;
  readonly count: number;
}

/** A model, as far as it names its features. */
interface Refusing {
  readonly rows: { readonly names: ReadonlySet<string> };
}

/** Requests that were refused for an input, by feature and reason. */
export class InputRefusals {
  readonly #refusals = new Map<string, InputRefusal>();

  get all(): Iterable<InputRefusal> {
    return this.#refusals.values();
  }

  /** Count a request once for each feature and reason, however many of its rows have the fault. */
  observe(faults: readonly ValidationDetail[], model: Refusing | undefined): void {
    const counted = new Set<string>();
    for (const { loc, type } of faults) {
      const name = loc.at(-1);
      const isFeature = typeof name === "string" && model?.rows.names.has(name) === true;
      const feature = isFeature ? name : "";
      const reason = (isFeature ? REASONS[type] : undefined) ?? FORM;
      const id = `${reason} ${feature}`;
      if (!counted.has(id)) {
        counted.add(id);
        const isRoom = this.#refusals.has(id) || this.#refusals.size < MAX_SERIES;
        this.#add(isRoom ? { feature, reason } : { feature: "", reason: FORM });
      }
    }
  }

  #add({ feature, reason }: Omit<InputRefusal, "count">): void {
    const id = `${reason} ${feature}`;
    const count = (this.#refusals.get(id)?.count ?? 0) + 1;
    this.#refusals.set(id, { feature, reason, count });
  }
}
