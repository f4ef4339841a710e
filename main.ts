// The composition root: settings -> adapters -> application -> serve and work, until a signal.

import { HttpCallbackSender } from "./adapters/callbacks/http_callback_sender.ts";
import { createHttpApp } from "./adapters/http/app.ts";
import { writeEvent } from "./adapters/http/event_body.ts";
import { serveHttp } from "./adapters/http/serve_http.ts";
import { KonsolPaymentGateway } from "./adapters/konsol/konsol_payment_gateway.ts";
import { KonsolTransport } from "./adapters/konsol/transport.ts";
import { createWebhookReader } from "./adapters/konsol/webhook_reader.ts";
import { createMemoryStores } from "./adapters/memory/create_memory_stores.ts";
import { openSqliteStores } from "./adapters/sqlite/open_sqlite_stores.ts";
import type { Config } from "./adapters/system/config.ts";
import { loadConfig, useSetting } from "./adapters/system/load_config.ts";
import { createLog, type ProcessLog } from "./adapters/system/log.ts";
import { untilSignal } from "./adapters/system/signals.ts";
import { systemChance } from "./adapters/system/system_chance.ts";
import { systemClock as clock } from "./adapters/system/system_clock.ts";
import { createIds } from "./adapters/system/system_ids.ts";
import { createVault } from "./adapters/vault/vault.ts";
import { createApplication } from "./application/application.ts";
import { assertSameCardKey } from "./application/card_key_check.ts";
import { fenceRestoredStore } from "./application/fence_restored_store.ts";

/** By then a shredded card number is gone from the database's log as well. */
const CHECKPOINT_EVERY_MS = 60_000;

/** MongoDB's driver is loaded only where it is used. */
async function openStores({ database }: Config) {
  if (database.kind === "memory") return createMemoryStores();
  if (database.kind === "sqlite") {
    return openSqliteStores(database.path, { checkpointEveryMs: CHECKPOINT_EVERY_MS });
  }
  const { openMongoStores } = await import("./adapters/mongo/open_mongo_stores.ts");
  return await openMongoStores(database.url.reveal());
}

async function compose(config: Config, log: ProcessLog) {
  const ids = createIds(clock);
  const vault = createVault(config.cardKey.reveal());
  const stores = await useSetting("DATABASE_URL", () => openStores(config));
  await useSetting("CARD_KEY", () => assertSameCardKey({ ...stores, vault }));
  const transport = new KonsolTransport({
    baseUrl: config.konsolBaseUrl,
    token: config.konsolApiToken.reveal(),
    timeoutMs: config.konsolTimeoutMs,
    clock,
  });
  const webhookUrl = config.publicUrl && `${config.publicUrl}/konsol/webhook`;
  const gateway = new KonsolPaymentGateway({ transport, clock, log, webhookUrl });
  const secret = config.konsolWebhookSecret?.reveal();
  const webhookReader = createWebhookReader({ vault, secret });
  const keys = config.callbackSecrets.map((key) => key.reveal());
  const callbackSender = new HttpCallbackSender({ keys, rules: config.callbackUrls, clock });
  const settings = { ...config, instance: crypto.randomUUID() };
  const outside = { gateway, webhookReader, callbackSender, writeEvent };
  const ports = { ...stores, ...outside, clock, ids, chance: systemChance, vault, log };
  const { application, workers } = createApplication(ports, settings);
  const app = createHttpApp(application, {
    apiTokens: config.apiTokens.map((token) => token.reveal()),
    amountLimit: config.amountLimit,
    allowTestCard: config.isSandbox,
    callbackUrls: config.callbackUrls,
    newRequestId: () => crypto.randomUUID(),
    now: clock.monotonic,
    log,
  });
  const fence = async () => {
    if (!stores.restored) return;
    const payments = await fenceRestoredStore(ports, settings.instance);
    await stores.acceptRestore();
    log.error("alarm", { alarm: "store_restored_from_backup", payments_in_doubt: payments });
  };
  const close = async () => {
    transport.close();
    callbackSender.close();
    await stores.close();
  };
  return { app, workers, fence, close };
}

async function main(): Promise<void> {
  const config = loadConfig();
  const stopSignal = untilSignal();
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  const { app, workers, fence, close } = await compose(config, log);
  await fence();
  const listen = { hostname: config.host, port: config.port };
  const server = await useSetting("HOST and PORT", () => serveHttp(listen, app.fetch));
  workers.start();
  log.info("started", { host: server.addr.hostname, port: server.addr.port });

  const signal = await stopSignal;
  log.info("stopping", { signal, grace_ms: config.shutdownGraceMs });
  const stopped = Promise.all([workers.stop(), server.stop()]).then(() => true);
  const clean = await Promise.race([stopped, clock.sleep(config.shutdownGraceMs)]) ?? false;
  await close();
  log.info("stopped", { clean });
  log.close();
  Deno.exit(clean ? 0 : 1);
}

if (import.meta.main) await main();
