// The benchmark as a task: what it says of itself. How fast anything is, no test asks.

import assert from "node:assert/strict";
import { runOperatorTask } from "../tasks/run_operator_task.ts";

Deno.test("task bench explains itself with --help, and exits with 64 for wrong arguments", async () => {
  const help = await runOperatorTask("bench", ["--help"]);
  assert.deepEqual([help.code, help.stdout.startsWith("deno task bench ")], [0, true]);
  for (const args of [["--rounds", "0"], ["--callbacks", "99"], ["--rounds", "x"], ["--fast"]]) {
    const wrong = await runOperatorTask("bench", args);
    assert.deepEqual([wrong.code, wrong.stdout], [64, ""], args.join(" "));
    assert.match(wrong.stderr, /deno task bench /);
  }
});
