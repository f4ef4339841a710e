// The contract of ControlStore: each value changes by compare-and-set, and nobody's change is lost.

import assert from "node:assert/strict";
import { lawOf, type OpenStores, STRANGE_TEXTS, tamper } from "./stores.ts";

const RACES_MAX = 100;

export function controlStoreContract(name: string, open: OpenStores): void {
  const law = lawOf(name, open);

  law("get() gives undefined for what is not there", async ({ control }) => {
    assert.equal(await control.get("none"), undefined);
  });

  law("get() gives any value back as it was put", async ({ control }) => {
    const values = [0, 0.1, false, null, "", STRANGE_TEXTS, [], { deep: [{ list: [1, null] }] }];
    for (const [index, value] of values.entries()) {
      assert.equal(await control.put(`key ${index}`, undefined, value), true);
      assert.deepEqual((await control.get(`key ${index}`))?.value, value);
    }
  });

  law("get() gives numbers back as JSON has them", async ({ control }) => {
    await control.put("key", undefined, { zero: -0, list: [-0, undefined, NaN] });
    const held = await control.get("key");
    assert.deepEqual(held?.value, { zero: 0, list: [0, null, null] });
  });

  law("get() gives a value that nobody else holds", async ({ control }) => {
    const value = { count: 1 };
    await control.put("key", undefined, value);
    value.count = 2;
    const held = await control.get<typeof value>("key");
    tamper(held?.value, { count: 3 });
    assert.deepEqual((await control.get("key"))?.value, { count: 1 });
  });

  law("get() gives another version after each put()", async ({ control }) => {
    const versions = new Set<number>();
    for (let n = 0; n < 5; n++) {
      const before = await control.get("key");
      assert.equal(await control.put("key", before?.version, "the same"), true);
      versions.add((await control.get("key"))?.version ?? assert.fail("it is gone"));
    }
    assert.equal(versions.size, 5);
  });

  law("put() does nothing when the value is there already", async ({ control }) => {
    await control.put("key", undefined, "first");
    const before = await control.get("key");
    assert.equal(await control.put("key", undefined, "second"), false);
    assert.deepEqual(await control.get("key"), before);
  });

  law("put() does nothing when the value was changed meanwhile", async ({ control }) => {
    await control.put("key", undefined, "first");
    const { version } = await control.get("key") ?? assert.fail("it is gone");
    assert.equal(await control.put("key", version, "second"), true);
    assert.equal(await control.put("key", version, "third"), false);
    assert.equal((await control.get("key"))?.value, "second");
  });

  law("put() does nothing when there is no such value", async ({ control }) => {
    assert.equal(await control.put("key", 1, "value"), false);
    assert.equal(await control.get("key"), undefined);
  });

  law("put() changes no other value", async ({ control }) => {
    for (const key of ["a", "A", "a "]) assert.equal(await control.put(key, undefined, key), true);
    const { version } = await control.get("a") ?? assert.fail("it is gone");
    await control.put("a", version, "changed");
    assert.deepEqual([(await control.get("A"))?.value, (await control.get("a "))?.value], [
      "A",
      "a ",
    ]);
  });

  law("put() lets one of many that come at once make the value", async ({ control }) => {
    const racers = Array.from({ length: 50 }, (_, racer) => control.put("key", undefined, racer));
    const won = (await Promise.all(racers)).flatMap((wins, racer) => wins ? [racer] : []);
    assert.deepEqual([(await control.get("key"))?.value], won);
  });

  law("put() loses no count when many count at once", async ({ control }) => {
    async function count(): Promise<void> {
      for (let race = 0; race < RACES_MAX; race++) {
        const before = await control.get<number>("count");
        if (await control.put("count", before?.version, (before?.value ?? 0) + 1)) return;
      }
      assert.fail("it never won");
    }
    await Promise.all(Array.from({ length: 20 }, count));
    assert.equal((await control.get("count"))?.value, 20);
  });
}
