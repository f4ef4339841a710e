// Three services on one MongoDB pay nothing twice and lose nothing, whatever breaks between and under them.

import assert from "node:assert/strict";
import { mongoProgram } from "../../tasks/local_mongo.ts";
import { IS_THOROUGH } from "../support/thoroughness.ts";
import { runThreeOnMongo } from "./three_on_mongo.ts";

Deno.test({
  name:
    "three services on one MongoDB pay nothing twice while they and it are killed, frozen and cut off",
  ignore: mongoProgram() === undefined || !IS_THOROUGH,
  async fn() {
    const tally = await runThreeOnMongo({ seed: 1, decks: 1, speed: 6 });
    assert.ok(typeof tally !== "string", String(tally));
    assert.ok(tally.crashes > 0 && tally.payments > 0);
    assert.deepEqual([tally.paidTwice, tally.lost], [0, 0]);
  },
});
