import type { AliasHistoryEntry } from "./read-registry.js";

/** Moves of each alias, from the latest on, whose models stay alive, so that a roll-back finds them. */
export const LIVING_MOVES = 10;

/** The models of a name, and everything that may keep one alive. */
export interface ModelPopulation {
  /** Newest first. */
  readonly models: readonly { readonly key: string; readonly timestamp: Date }[];
  /** Keys that aliases name. */
  readonly named: readonly { readonly alias: string; readonly key: string }[];
  /** The log of each alias, newest line first. */
  readonly logs: readonly (readonly AliasHistoryEntry[])[];
}

/** Which models are kept besides those of aliases and logs. */
export interface LivingRule {
  /** Keys that the caller keeps. */
  readonly keep: readonly string[];
  /** Number of the newest models that stay. */
  readonly newest: number;
  /** Models that are younger stay. */
  readonly days: number;
}

/** A model, and why it stays alive. */
export interface LivingModel {
  readonly key: string;
  /** Such as `production names it`. Never empty. */
  readonly reasons: readonly string[];
}

/**
 * The one rule of which models of a name are alive. Every clean-up uses it, because a second rule would some day delete
 * what the first keeps.
 *
 * A model is alive if
 *
 * - an alias names it;
 * - one of the last 10 moves of an alias named it, or a later line of the log that was not carried out, because its
 *   writer may still be at work;
 * - it is one of the newest;
 * - it is younger than so many days, or dated ahead of the clock;
 * - the caller keeps it.
 *
 * @returns Each living model, in the order of the models. All others may be deleted.
 */
export function livingModels(
  { models, named, logs }: ModelPopulation,
  { keep, newest, days }: LivingRule,
  now: Date,
): LivingModel[] {
  const reasons = new Map<string, string[]>();
  const add = (key: string, reason: string): void => {
    const known = reasons.get(key);
    if (known === undefined) {
      reasons.set(key, [reason]);
    } else if (!known.includes(reason)) {
      known.push(reason);
    }
  };
  for (const { alias, key } of named) {
    add(key, `${alias} names it`);
  }
  for (const log of logs) {
    let moves = 0;
    for (const { alias, model, sequence, carriedOut } of log) {
      if (moves === LIVING_MOVES) {
        break;
      }
      moves += carriedOut ? 1 : 0;
      add(model.key, `in the log of ${alias} (${sequence})`);
    }
  }
  for (const key of keep) {
    add(key, "kept by the caller");
  }
  const oldest = now.getTime() - days * 24 * 3_600_000;
  for (const [index, { key, timestamp }] of models.entries()) {
    if (index < newest) {
      add(key, `one of the newest ${newest}`);
    }
    if (timestamp.getTime() > oldest) {
      add(key, `younger than ${days} days`);
    }
  }
  return models.flatMap(({ key }) => {
    const found = reasons.get(key);
    return found === undefined ? [] : [{ key, reasons: found }];
  });
}
