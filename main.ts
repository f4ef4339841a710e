// The composition root: settings -> adapters -> application -> serve and work, until a signal.

import { createHttpApp } from "./adapters/http/app.ts";
import { KonsolPaymentGateway } from "./adapters/konsol/konsol_payment_gateway.ts";
import { KonsolTransport } from "./adapters/konsol/transport.ts";
import { createWebhookReader } from "./adapters/konsol/webhook_reader.ts";
import { createMemoryStores } from "./adapters/memory/create_memory_stores.ts";
import { openSqliteStores } from "./adapters/sqlite/open_sqlite_stores.ts";
import { type Config, ConfigError, readConfig, SETTING_NAMES } from "./adapters/system/config.ts";
import { createLog, type ProcessLog } from "./adapters/system/log.ts";
import { untilSignal } from "./adapters/system/signals.ts";
import { systemChance } from "./adapters/system/system_chance.ts";
import { systemClock as clock } from "./adapters/system/system_clock.ts";
import { createIds } from "./adapters/system/system_ids.ts";
import { createVault } from "./adapters/vault/vault.ts";
import { createApplication } from "./application/application.ts";

/** sysexits.h, EX_CONFIG: a restart cannot help, only other settings can. */
const EXIT_CONFIG = 78;
/** By then a shredded card number is gone from the database's log as well. */
const CHECKPOINT_EVERY_MS = 60_000;

function loadConfig(): Config {
  const env = Object.fromEntries(SETTING_NAMES.map((name) => [name, Deno.env.get(name)]));
  try {
    return readConfig(env, { isTerminal: Deno.stdout.isTerminal() });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = error.problems.map(({ name, message }) => `  ${name} ${message}\n`);
    const told = `Cannot start as the settings are wrong:\n${lines.join("")}`;
    Deno.stderr.writeSync(
      new TextEncoder().encode(`${told}Each setting is described in .env.example.\n`),
    );
    Deno.exit(EXIT_CONFIG);
  }
}

function compose(config: Config, log: ProcessLog) {
  const ids = createIds(clock);
  const vault = createVault(config.cardKey.reveal());
  const stores = config.database.kind === "memory"
    ? createMemoryStores()
    : openSqliteStores(config.database.path, { checkpointEveryMs: CHECKPOINT_EVERY_MS });
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
  const { application, workers } = createApplication(
    { ...stores, clock, ids, chance: systemChance, vault, gateway, webhookReader, log },
    { ...config, instance: crypto.randomUUID() },
  );
  const app = createHttpApp(application, {
    apiTokens: config.apiTokens.map((token) => token.reveal()),
    amountLimit: config.amountLimit,
    allowTestCard: config.isSandbox,
    allowLoopbackCallbacks: config.isSandbox,
    newRequestId: () => crypto.randomUUID(),
    now: clock.monotonic,
    log,
  });
  const close = async () => {
    transport.close();
    await stores.close();
  };
  return { app, workers, close };
}

async function main(): Promise<void> {
  const config = loadConfig();
  const stopSignal = untilSignal();
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  const { app, workers, close } = compose(config, log);
  const listen = { hostname: config.host, port: config.port, onListen() {} };
  const server = Deno.serve(listen, app.fetch);
  workers.start();
  log.info("started", { host: server.addr.hostname, port: server.addr.port });

  const signal = await stopSignal;
  log.info("stopping", { signal, grace_ms: config.shutdownGraceMs });
  const stopped = Promise.all([workers.stop(), server.shutdown()]).then(() => true);
  const clean = await Promise.race([stopped, clock.sleep(config.shutdownGraceMs)]) ?? false;
  await close();
  log.info("stopped", { clean });
  log.close();
  Deno.exit(clean ? 0 : 1);
}

if (import.meta.main) await main();
