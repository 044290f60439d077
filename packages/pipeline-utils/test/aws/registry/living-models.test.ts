import { expect, test } from "@jest/globals";
import fc from "fast-check";

import type { Alias, AliasHistoryEntry } from "@ml-pipelines/pipeline-utils/aws";
import { livingModels } from "../../../src/aws/registry/living-models.js";
import { markCarriedOut } from "../../../src/aws/registry/read-registry.js";

const DAY = 86_400_000;
const NOW = new Date("2026-11-30T12:00:00Z");

/** An event in the life of a registry. Numbers choose among the models or the earlier moves. */
type Event =
  | { readonly kind: "promote" | "cut-off"; readonly alias: string; readonly model: number }
  | { readonly kind: "roll-back"; readonly alias: string; readonly steps: number }
  | { readonly kind: "delete"; readonly model: number };

const alias = fc.constantFrom("production", "staging");
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constantFrom("promote", "cut-off"), alias, model: fc.nat() }),
  fc.record({ kind: fc.constant("roll-back"), alias, steps: fc.nat({ max: 15 }) }),
  fc.record({ kind: fc.constant("delete"), model: fc.nat() }),
);
const history = fc.record({
  // Few histories have more than a page of objects; most are small, where each rule decides more often.
  ages: fc.oneof(
    { weight: 30, arbitrary: fc.array(fc.integer({ min: -2, max: 200 }), { maxLength: 60 }) },
    { weight: 1, arbitrary: fc.constant(Array.from({ length: 1_100 }, (_, i) => 40 + (i % 400))) },
  ),
  events: fc.array(event, { maxLength: 60 }),
  keep: fc.array(fc.nat(), { maxLength: 3 }),
  newest: fc.integer({ min: 1, max: 12 }),
});

/** The registry after all events: the models that exist, newest first, and the lines and moves of each alias. */
function replay(ages: readonly number[], events: readonly Event[]) {
  const timestamps = ages.map((age, i) => NOW.getTime() - age * DAY - i);
  let models = timestamps
    .sort((a, b) => b - a)
    .map((time, i) => ({ key: `models/m${i}`, timestamp: new Date(time) }));
  const lines: Record<string, Alias[]> = { production: [], staging: [] };
  const moves: Record<string, Alias[]> = { production: [], staging: [] };
  for (const each of events) {
    const picked = "model" in each ? models[each.model % Math.max(models.length, 1)]?.key : undefined;
    if (each.kind === "delete") {
      models = models.filter(({ key }) => key !== picked);
      continue;
    }
    const own = moves[each.alias] ?? [];
    const key = each.kind === "roll-back" ? own.at(-1 - each.steps)?.model.key : picked;
    const previous = own.at(-1);
    if (key === undefined) {
      continue;
    }
    const line: Alias = {
      ...{ name: "m", alias: each.alias, actor: "a", reason: "r", time: NOW },
      sequence: (lines[each.alias]?.length ?? 0) + 1,
      model: { key, etag: "e", sha256: "s", modelHash: "h" },
      ...(previous && { previous: { key: previous.model.key, sequence: previous.sequence } }),
    };
    lines[each.alias]?.push(line);
    if (each.kind !== "cut-off") {
      own.push(line);
    }
  }
  return { models, lines, moves };
}

test("keeps whatever is alive, and finds nothing more the second time, in 1,000 random histories", () => {
  fc.assert(
    fc.property(history, ({ ages, events, keep: kept, newest }) => {
      const { models, lines, moves } = replay(ages, events);
      const keep = kept.flatMap((index) => models[index % Math.max(models.length, 1)]?.key ?? []);
      const current = Object.values(moves).flatMap((own) => own.at(-1) ?? []);
      const named = current.map(({ alias: name, model }) => ({ alias: name, key: model.key }));
      const logs = Object.entries(lines).map(([name, own]): AliasHistoryEntry[] =>
        markCarriedOut(
          [...own].reverse(),
          current.find(({ alias: of }) => of === name),
        ),
      );
      const rule = { keep, newest, days: 30 };
      const living = livingModels({ models, named, logs }, rule, NOW).map(({ key }) => key);

      // The rule once more, in other words.
      const needed = new Set([
        ...keep,
        ...models.slice(0, newest).map(({ key }) => key),
        ...models
          .filter(({ timestamp }) => NOW.getTime() - timestamp.getTime() < 30 * DAY)
          .map(({ key }) => key),
        ...Object.values(moves).flatMap((own) => own.slice(-10).map(({ model }) => model.key)),
      ]);
      const unused = models.map(({ key }) => key).filter((key) => !living.includes(key));
      expect(unused.filter((key) => needed.has(key))).toEqual([]);
      // Lines above the tenth move that were not carried out keep their models too: their writers may be at work.
      const inLogs = new Set(Object.values(lines).flatMap((own) => own.map(({ model }) => model.key)));
      expect(living.filter((key) => !needed.has(key) && !inLogs.has(key))).toEqual([]);

      const rest = models.filter(({ key }) => living.includes(key));
      const again = livingModels({ models: rest, named, logs }, rule, NOW);
      expect(again.map(({ key }) => key)).toEqual(living);
    }),
    { numRuns: 1_000 },
  );
});
