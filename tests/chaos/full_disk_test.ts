// The service on a disk that is full: it says so, keeps what it has, sends nothing, and goes on when there is room.

import assert from "node:assert/strict";
import { print } from "../../tasks/print.ts";
import { runFullDisk } from "./full_disk.ts";

for (const crash of [false, true]) {
  const how = crash ? "with a kill -9" : "answered with 503";

  Deno.test(`a full disk, ${how}, sends nothing and loses nothing`, async () => {
    const tally = await runFullDisk({ seed: 1, crash });
    if (typeof tally === "string") return print(`not tried, as no small disk can be had: ${tally}`);
    assert.deepEqual([tally.paidTwice, tally.lost], [0, 0]);
    assert.ok(tally.ambiguousSends > 0, "no doubt came up while the disk was full");
  });
}
