import { expect, test } from "@jest/globals";
import { figuresOf, pageOf } from "../nightly.mjs";

test("shows the last state of each line without colours and empty lines", () => {
  expect(
    figuresOf(
      "Building …\n\u001b[1mPASS a\u001b[22m\n  ✓ reads (1 ms)\n10 %\r20 %\rdone\n\nTests: 3 passed\n",
    ),
  ).toBe("done\nTests: 3 passed");
});

test("names the commit and the result of each step", () => {
  const passed = { step: "soak", hasPassed: true, seconds: 240.4, output: "requests 10\n" };
  const page = pageOf([passed, { ...passed, step: "serve", hasPassed: false }], "abc1234");
  expect(page).toContain("- Commit: abc1234\n");
  expect(page).toContain("| soak | passed | 240 |\n| serve | failed | 240 |\n");
  expect(page).toContain("## soak\n\n```\nrequests 10\n```\n");
});
