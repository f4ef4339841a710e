// The service as it delivers callbacks, alone in a process: real application, file and sender; prints what it measured.

import { HttpCallbackSender } from "../../adapters/callbacks/http_callback_sender.ts";
import { writeEvent } from "../../adapters/http/event_body.ts";
import { createWebhookReader } from "../../adapters/konsol/webhook_reader.ts";
import { MemoryKonsol } from "../../adapters/memory/memory_konsol.ts";
import { MemoryPaymentGateway } from "../../adapters/memory/memory_payment_gateway.ts";
import { openSqliteStores } from "../../adapters/sqlite/open_sqlite_stores.ts";
import { createLog } from "../../adapters/system/log.ts";
import { systemChance } from "../../adapters/system/system_chance.ts";
import { systemClock as clock } from "../../adapters/system/system_clock.ts";
import { createIds } from "../../adapters/system/system_ids.ts";
import { createVault } from "../../adapters/vault/vault.ts";
import { createApplication } from "../../application/application.ts";
import type { Log } from "../../application/ports.ts";
import { print } from "../../tasks/print.ts";
import { SETTINGS } from "../support/application_rig.ts";
import type { Delivery, Measured } from "./figures.ts";

/** It gives up then, and says how far it came. */
const PATIENCE_MS = 120_000;
const KEY = new Uint8Array(32).fill(7);
const URL_RULES = { allowLoopbackHttp: true, ports: [], ranges: [] };

/** A line a try as in production, but into a file; of each that delivered `onDelivered` is told too. */
function listeningLog(path: string, onDelivered: (host: string, tryMs: number) => void): Log {
  const file = Deno.openSync(path, { create: true, append: true });
  const log = createLog({ level: "info", format: "json", write: (bytes) => file.writeSync(bytes) });
  return {
    ...log,
    info(event, fields) {
      log.info(event, fields);
      const { host, ms, state } = fields;
      if (event === "callback" && state === "delivered") onDelivered(String(host), Number(ms));
    },
  };
}

/** Nothing asks the Konsol in memory: the payments want nothing done. */
function openService(path: string, log: Log) {
  const stores = openSqliteStores(path);
  const callbackSender = new HttpCallbackSender({ keys: [KEY], rules: URL_RULES, clock });
  const vault = createVault(KEY);
  const { workers } = createApplication({
    ...stores,
    clock,
    ids: createIds(clock),
    chance: systemChance,
    vault,
    gateway: new MemoryPaymentGateway({ konsol: new MemoryKonsol({ clock }), clock }),
    webhookReader: createWebhookReader({ vault }),
    callbackSender,
    writeEvent,
    log,
  }, SETTINGS);
  const close = async () => {
    const stopped = workers.stop();
    // What still hangs ends with its connection.
    callbackSender.close();
    await stopped;
    await stores.close();
  };
  return { workers, close };
}

/** Until so many were delivered; each counts only once that is recorded durably. */
async function deliver(
  path: string,
  hosts: readonly string[],
  wanted: number,
): Promise<Measured> {
  const deliveries: Delivery[] = [];
  const all = Promise.withResolvers<void>();
  let startedAt = 0;
  const log = listeningLog(`${path}.log`, (host, tryMs) => {
    const doneMs = performance.now() - startedAt;
    deliveries.push({ receiver: hosts.indexOf(host), tryMs, doneMs });
    if (deliveries.length === wanted) all.resolve();
  });
  const { workers, close } = openService(path, log);
  const giveUp = setTimeout(
    () => all.reject(new Error(`Only ${deliveries.length} of ${wanted} were delivered`)),
    PATIENCE_MS,
  );
  const rssBegin = rss();
  startedAt = performance.now();
  workers.start();
  await all.promise;
  const ms = performance.now() - startedAt;
  const rssEnd = rss();
  clearTimeout(giveUp);
  const kept = heapWithoutGarbage();
  await close();
  return { ms, deliveries, rssBegin, rssEnd, kept };
}

function rss(): number {
  return Deno.memoryUsage().rss;
}

/** The process must have been started with EXPOSE_GC. */
function heapWithoutGarbage(): number {
  (globalThis as unknown as { gc(): void }).gc();
  return Deno.memoryUsage().heapUsed;
}

const [path = "", hosts = "", wanted = ""] = Deno.args;
print(JSON.stringify(await deliver(path, hosts.split(","), Number(wanted))));
Deno.exit(0);
