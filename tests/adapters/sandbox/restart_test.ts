// A restart of the sandbox orphans nothing: what was executed stays, and what was on its way goes on.
import assert from "node:assert/strict";
import { join } from "node:path";
import { Journal } from "../../../adapters/sandbox/journal.ts";
import { eventually } from "../../support/eventually.ts";
import { never, Rig } from "./rig.ts";
import { WebhookReceiver } from "./webhook_receiver.ts";

async function withStatePath(test: (statePath: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(join(folder, "deep", "sandbox.json"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("createSandbox() after a restart knows the same payments, counts and balance", () =>
  withStatePath(async (statePath) => {
    const seen = [];
    for (const restart of [false, true, true]) {
      await using rig = await Rig.open({ stepMs: never, statePath });
      if (!restart) {
        await rig.create();
        await rig.create({ amount: "10.06", external_id: "another" });
        await rig.create({ amount: "10.04" });
      }
      const { body } = await rig.call("GET", "/api/payments");
      seen.push({ list: body, witness: await rig.witness() });
    }
    assert.equal(seen[0]?.witness.creates_executed, 2);
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(seen[2], seen[0]);
  }));

Deno.test("createSandbox() after a restart moves open payments on to their end", () =>
  withStatePath(async (statePath) => {
    await using receiver = new WebhookReceiver();
    let id: string;
    {
      await using before = await Rig.open({ stepMs: never, statePath });
      id = await before.createdId({ callback_url: receiver.url });
      await eventually(async () => (await before.witness()).webhooks_delivered === 1);
    }
    await using after = await Rig.open({ statePath });
    await eventually(async () => await after.statusOf(id) === "completed");
    await eventually(() => receiver.received.length === 3);
  }));

Deno.test("createSandbox() after a restart sends webhooks that were not delivered", () =>
  withStatePath(async (statePath) => {
    await using receiver = new WebhookReceiver((count) =>
      new Response(null, { status: count === 1 ? 500 : 200 })
    );
    {
      await using before = await Rig.open({ stepMs: never, statePath, webhookRetryMs: never });
      await before.create({ callback_url: receiver.url });
      await eventually(() => receiver.received.length === 1);
    }
    await using after = await Rig.open({ stepMs: never, statePath });
    await eventually(async () => (await after.witness()).webhooks_delivered === 1);
    assert.deepEqual(receiver.received[1], receiver.received[0]);
  }));

Deno.test("createSandbox() after a reset and a restart starts empty", () =>
  withStatePath(async (statePath) => {
    {
      await using before = await Rig.open({ statePath });
      await before.create();
      await before.call("POST", "/sandbox/reset");
    }
    await using after = await Rig.open({ statePath });
    assert.equal((await after.witness()).creates_received, 0);
  }));

Deno.test("POST /api/payments is in the file before it is answered, without the card number", () =>
  withStatePath(async (statePath) => {
    await using rig = await Rig.open({ stepMs: never, statePath });
    const id = await rig.createdId();
    const text = await Deno.readTextFile(statePath);
    assert.ok(text.includes(id));
    assert.ok(!text.includes("1234567890123456"));
  }));

Deno.test("createSandbox() on a port in use leaves the state of the other alone", () =>
  withStatePath(async (statePath) => {
    await using rig = await Rig.open({ stepMs: never, statePath });
    const port = Number(new URL(rig.sandbox.url).port);
    await assert.rejects(Rig.open({ port, statePath }), { code: "EADDRINUSE" });
    const id = await rig.createdId();
    assert.ok((await Deno.readTextFile(statePath)).includes(id));
  }));

Deno.test("Journal.read() forgives a last line torn at any byte, and it alone", () =>
  withStatePath(async (statePath) => {
    const journal = Journal.rewrite(statePath, [{ text: "раз" }]);
    journal.append({ text: "два" }, true);
    journal.close();
    const whole = await Deno.readFile(statePath);
    const firstLine = whole.indexOf(10) + 1;
    for (let length = firstLine; length < whole.length - 1; length++) {
      await Deno.writeFile(statePath, whole.subarray(0, length));
      assert.deepEqual(Journal.read(statePath), [{ text: "раз" }]);
    }
    await Deno.writeTextFile(statePath, '{"te\n{}\n');
    assert.throws(() => Journal.read(statePath), /its line 1 is not JSON/);
  }));

Deno.test("Journal.read() gives nothing for a file that is not there", () =>
  withStatePath((statePath) => {
    assert.deepEqual(Journal.read(statePath), []);
    return Promise.resolve();
  }));
