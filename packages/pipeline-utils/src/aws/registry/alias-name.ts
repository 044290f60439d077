/** The names that an alias may have, and the same in words. Imports nothing: the stage checks its arguments by it. */
export const ALIAS_RULE = {
  pattern: /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
  expected: "1 to 63 letters, digits, dots, hyphens and underscores",
} as const;
