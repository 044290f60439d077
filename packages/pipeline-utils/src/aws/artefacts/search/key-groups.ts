/** How a name writes its timestamps: what can be used to group its keys in a listing. */
export interface KeyForm {
  /** Between date and time; undefined for a date alone. */
  readonly dateEnd: string | undefined;
  /** Between the parts of the time, "" for none; undefined for a date alone. */
  readonly timeMark: string | undefined;
}

const FORM = /^\d{4}-\d{2}-\d{2}(?:([T _])\d{2}([:|.-]?)\d{2})?/;

/** The form of the timestamp that a text begins with. */
export function keyForm(timestampText: string): KeyForm {
  const match = FORM.exec(timestampText);
  return { dateEnd: match?.[1], timeMark: match?.[2] };
}

/** Whether the names of a group share their date, and what stands after it. */
export function isDay(nameStart: string): boolean {
  return /(?<!\d)\d{4}-\d{2}-\d{2}[T _]$/.test(nameStart);
}

/** The delimiter that opens a group of whole names into days: what ends the dates of the folder, else what ends this package's. */
export function dayDelimiter({ dateEnd = "T" }: KeyForm): string {
  return dateEnd;
}

/**
 * The delimiter that opens a group of keys: it splits `name_2021-07-03T` into hours.
 *
 * @param nameStart - What the group's file names begin with.
 * @param isTimestampOnly - Whether nothing but a timestamp can follow: then names come by year, which takes fewer entries.
 * @returns undefined if the keys are best listed one by one.
 */
export function groupDelimiter(
  nameStart: string,
  form: KeyForm,
  isTimestampOnly: boolean,
): string | undefined {
  if (/(?<!\d)\d{4}-\d{2}-\d{2}[T _](?:\d{2}[:|.-])?$/.test(nameStart))
    return form.timeMark === "" ? undefined : form.timeMark;
  if (/(?<!\d)\d{4}-\d{2}-\d{2}(?!\d|$)/.test(nameStart)) return undefined;
  if (!isTimestampOnly) return dayDelimiter(form);
  return /(?<!\d)\d{4}-(?:\d{2}-)?$/.test(nameStart) ? (form.dateEnd ?? "-") : "-";
}
