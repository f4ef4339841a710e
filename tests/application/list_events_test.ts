// Laws of listEvents(): pages through all events, in their order, from wherever a client is.

import assert from "node:assert/strict";
import { Refusal } from "../../domain/refusal.ts";
import { idsOf } from "../contracts/stores.ts";
import { openCallbackRig } from "../support/callback_rig.ts";

Deno.test("listEvents() says whether there are more, to the last page", async () => {
  const { application, told } = openCallbackRig();
  const ids: string[] = [];
  for (let n = 0; n < 4; n++) ids.push((await told()).id);
  const first = await application.listEvents(undefined, 2);
  assert.deepEqual([idsOf(first.items), first.hasMore], [ids.slice(0, 2), true]);
  const last = await application.listEvents(ids[1], 2);
  assert.deepEqual([idsOf(last.items), last.hasMore], [ids.slice(2), false]);
  assert.deepEqual(await application.listEvents(ids[3], 2), { items: [], hasMore: false });
});

Deno.test("listEvents() refuses to go on after an event that is not there", async () => {
  const { application } = openCallbackRig();
  const refused = (error: Error) => error instanceof Refusal && error.code === "event_not_found";
  await assert.rejects(application.listEvents("evt_none", 2), refused);
});
