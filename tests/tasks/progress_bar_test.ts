// Laws of the progress bar: what it shows, and that it shows it no more often than one can read.

import assert from "node:assert/strict";
import { barText, createProgressBar } from "../../tasks/progress_bar.ts";

Deno.test("barText() tells the share, the counts and the time left by the pace so far", () => {
  assert.equal(
    barText("Copying", 500, 2_000, 4_000),
    `Copying  [${"#".repeat(7)}${"-".repeat(23)}]  25%  500 of 2,000, 0:12 left`,
  );
});

Deno.test("barText() tells no time before anything and after everything is done", () => {
  assert.ok(!barText("Copying", 0, 10, 4_000).includes("left"));
  assert.ok(!barText("Copying", 10, 10, 4_000).includes("left"));
  assert.match(barText("Copying", 0, 0, 0), /100%/);
});

Deno.test("barText() never shows more than everything", () => {
  assert.match(barText("Copying", 11, 10, 1), /\[#{30}\] 100%/);
});

Deno.test("createProgressBar() writes a line now and then where there is no terminal, and the last one", () => {
  let now = 0;
  const lines: string[] = [];
  const options = { isTerminal: false, now: () => now, write: (text: string) => lines.push(text) };
  const bar = createProgressBar("Copying", options);
  for (let done = 1; done <= 100; done++) {
    now += 100;
    bar.at(done, 100);
  }
  bar.end();
  assert.equal(lines.length, 3);
  assert.ok(lines.every((line) => line.endsWith("\n")));
  assert.match(lines.at(-1) ?? "", /100 of 100/);
});

Deno.test("createProgressBar() writes nothing for what was over before it began", () => {
  const lines: string[] = [];
  for (const isTerminal of [true, false]) {
    createProgressBar("Copying", { isTerminal, write: (text) => lines.push(text) }).end();
  }
  assert.deepEqual(lines, []);
});
