// Three services on one MongoDB pay nothing twice and lose nothing, whatever breaks between and under them.

import assert from "node:assert/strict";
import { runThreeOnMongo } from "./three_on_mongo.ts";

Deno.test("three services on one MongoDB pay nothing twice while they and it are killed, frozen and cut off", async () => {
  const tally = await runThreeOnMongo({ seed: 1, decks: 1 });
  if (typeof tally === "string") return;
  assert.ok(tally.crashes > 0 && tally.payments > 0);
  assert.deepEqual([tally.paidTwice, tally.lost], [0, 0]);
});
