// Every call of every port in the scripts, with every kind of fault, on both stores: safe, and it converges.

import assert from "node:assert/strict";
import { createMemoryStores } from "../../adapters/memory/create_memory_stores.ts";
import { IS_THOROUGH } from "../support/thoroughness.ts";
import type { StoreKind } from "./scenario_plan.ts";
import { SCRIPTS } from "./scripts.ts";
import { loadService } from "./service.ts";
import { FAULTS, runScript, type SingleFault } from "./single_faults.ts";

const STORES: readonly StoreKind[] = ["memory", "sqlite"];

/** What no story needs: invoices move no money, and an external_id alone is looked up of strangers. */
const NOT_NEEDED = [
  // How the payments in memory reach their log: no methods of a port.
  "events.append",
  "events.assertNew",
  "events.close",
  "invoices.get",
  "invoices.getByKonsolId",
  "invoices.insertOrGet",
  "invoices.list",
  "invoices.save",
  "payments.getByExternalId",
];

/**
 * So many calls of each function, the first ones: all of them in CI and in `deno task prove --long`, which
 * takes minutes; a shorter proof has the first few, as rounds ask for due work over and over.
 */
const callsMax = Number(Deno.env.get("EXHAUSTIVE_CALLS") ?? (IS_THOROUGH ? "Infinity" : "0"));
const ignore = callsMax === 0;

const service = await loadService();
const called = new Set<string>();

for (const script of SCRIPTS) {
  for (const store of STORES) {
    Deno.test(`"${script.name}" survives each single fault on ${store}`, { ignore }, async () => {
      const clean = await runScript(service, script, store);
      assert.equal(clean.violation, undefined, clean.lines.join("\n"));
      for (const single of singleFaults(clean.calls)) {
        const { violation, lines } = await runScript(service, script, store, single);
        const what = `${single.fault} at call ${single.nth} of ${single.name}`;
        assert.equal(violation, undefined, `${lines.join("\n")}\n${what}: ${violation}`);
      }
      for (const name of clean.calls.keys()) called.add(name);
    });
  }
}

Deno.test("the scripts call every method that moves money", { ignore }, () => {
  const { close: _, ...stores } = createMemoryStores();
  const methods = Object.entries(stores).flatMap(([port, methods]) => methodsOf(port, methods));
  const konsol = ["create", "get", "list", "put", "delete", "balance"].map((name) =>
    `konsol.${name}`
  );
  const missing = [...methods, ...konsol, "callbackSender.send"].filter((name) =>
    !called.has(name)
  );
  assert.deepEqual(missing.toSorted(), NOT_NEEDED);
});

function singleFaults(calls: ReadonlyMap<string, number>): SingleFault[] {
  return [...calls].flatMap(([name, count]) =>
    Array.from({ length: Math.min(count, callsMax) }, (_, index) => index + 1)
      .flatMap((nth) => FAULTS.map((fault) => ({ name, nth, fault })))
  );
}

/** Of an object or of a class. */
function methodsOf(port: string, methods: unknown): string[] {
  if (typeof methods !== "object" || methods === null) return [];
  const names = [methods, Object.getPrototypeOf(methods)].flatMap((level) =>
    level === Object.prototype ? [] : Object.getOwnPropertyNames(level)
  );
  return names.filter((name) => name !== "constructor").map((name) => `${port}.${name}`);
}
