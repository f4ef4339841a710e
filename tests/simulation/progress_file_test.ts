// Tests of runs that are ended and go on.

import assert from "node:assert/strict";
import { withFile } from "../adapters/sqlite/temp_file.ts";
import { PROJECT } from "./service.ts";
import { readProgress, writeProgress } from "./progress_file.ts";

async function playTo(count: number, path: string): Promise<{ code: number; out: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "tests/simulation/run.ts", "--from", "7"],
      ...["--count", `${count}`, "--jobs", "1", "--store", "memory", "--progress", path],
    ],
    cwd: PROJECT.pathname,
  }).output();
  return { code, out: new TextDecoder().decode(stdout) };
}

Deno.test("a run goes on where it was ended, and its sums with it", () =>
  withFile(async (path) => {
    assert.equal((await playTo(2, path)).code, 0);
    const first = await readProgress(path);
    assert.equal(first?.next, 9);
    const { code, out } = await playTo(5, path);
    assert.equal(code, 0);
    assert.match(out, /goes on at seed 9\n[^]*5 scenarios in/);
    const second = await readProgress(path);
    assert.deepEqual([second?.from, second?.next, second?.tally.scenarios], [7, 12, 5]);
    assert.ok((second?.tally.events ?? 0) > (first?.tally.events ?? Infinity));
  }));

Deno.test("a run of other code is not gone on with: its sums would be of neither", () =>
  withFile(async (path) => {
    assert.equal((await playTo(1, path)).code, 0);
    const progress = await readProgress(path);
    assert.ok(progress);
    writeProgress(path, { ...progress, code: "0123456789abcdef" });
    const { code, out } = await playTo(2, path);
    assert.equal(code, 2);
    assert.match(out, /the code has changed since: .* --from 8/);
    assert.equal((await readProgress(path))?.next, 8);
  }));
