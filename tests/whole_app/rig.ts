// The whole service in one process for a test: real use cases, a real store, real gateway, a real sandbox on a socket.

import type { Hono } from "hono";
import { HttpCallbackSender } from "../../adapters/callbacks/http_callback_sender.ts";
import { createHttpApp } from "../../adapters/http/app.ts";
import { writeEvent } from "../../adapters/http/event_body.ts";
import type { HttpEnv } from "../../adapters/http/request_frame.ts";
import { KonsolPaymentGateway } from "../../adapters/konsol/konsol_payment_gateway.ts";
import { KonsolTransport } from "../../adapters/konsol/transport.ts";
import { createWebhookReader } from "../../adapters/konsol/webhook_reader.ts";
import { createSandbox, type SandboxOptions } from "../../adapters/sandbox/create_sandbox.ts";
import { openSqliteStores } from "../../adapters/sqlite/open_sqlite_stores.ts";
import { systemClock as clock } from "../../adapters/system/system_clock.ts";
import { createIds } from "../../adapters/system/system_ids.ts";
import { createVault } from "../../adapters/vault/vault.ts";
import { createApplication } from "../../application/application.ts";
import type { Stores } from "../contracts/stores.ts";
import { collectingLog } from "../support/collecting_log.ts";
import { eventually } from "../support/eventually.ts";

const API_TOKEN = "whole-app-token-0123456789-0123456789";
const KONSOL_TOKEN = "whole_app_konsol_token";
export const CALLBACK_KEY = new TextEncoder().encode("whole-app-callback-key-0123456789");
const CALLBACK_URLS = { allowLoopbackHttp: true, ports: [], ranges: [] };
const WEBHOOK_SECRET = "whole-app-webhook-secret";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- the tests read whatever JSON came
  readonly json: any;
}

export interface RigOptions {
  readonly sandbox?: SandboxOptions;
  readonly konsolTimeoutMs?: number;
  readonly submitWaitMs?: number;
  /** Without it Konsol is not told where to send webhooks: only polling tells. */
  readonly webhooks?: boolean;
}

/** What the rigs of a test file keep payments in; on_mongo_test.ts runs the same tests on another. */
export const storesOfRigs: { open(): Promise<Stores> } = {
  open: () => Promise.resolve(openSqliteStores(":memory:")),
};

export async function openRig(options: RigOptions = {}) {
  const sandbox = await createSandbox({
    token: KONSOL_TOKEN,
    stepMs: 10,
    webhookRetryMs: 20,
    webhookSecret: WEBHOOK_SECRET,
    ...options.sandbox,
  });
  const log = collectingLog();
  const stores = await storesOfRigs.open();
  const transport = new KonsolTransport({
    baseUrl: sandbox.url,
    token: KONSOL_TOKEN,
    timeoutMs: options.konsolTimeoutMs ?? 5_000,
    clock,
  });
  const callbackSender = new HttpCallbackSender({
    keys: [CALLBACK_KEY],
    rules: CALLBACK_URLS,
    // The seed's addresses have names: nothing of a test leaves this machine, not even a question.
    resolve: () => Promise.reject(new Error("no name is known here")),
    clock,
  });
  const vault = createVault(new Uint8Array(32).fill(7));
  const served: { app?: Hono<HttpEnv> } = {};
  // Listens before the application exists: its address goes into every create.
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => served.app?.fetch(request) ?? new Response(null, { status: 503 }),
  );
  const url = `http://127.0.0.1:${server.addr.port}`;
  const webhookUrl = options.webhooks === false ? undefined : `${url}/konsol/webhook`;
  const { application, workers } = createApplication({
    ...stores,
    clock,
    ids: createIds(clock),
    chance: () => 0.5,
    vault,
    gateway: new KonsolPaymentGateway({ transport, clock, log, webhookUrl }),
    webhookReader: createWebhookReader({ vault, secret: WEBHOOK_SECRET }),
    callbackSender,
    writeEvent,
    log,
  }, {
    instance: "test",
    submitWaitMs: options.submitWaitMs ?? 5_000,
    queueMaxAgeMs: 86_400_000,
    konsolTimeoutMs: options.konsolTimeoutMs ?? 5_000,
    resubmit: "never",
    resubmitHorizonMs: 86_400_000,
    resubmitDailyMax: 10,
  });
  const app = createHttpApp(application, {
    apiTokens: [API_TOKEN],
    amountLimit: "1000000",
    allowTestCard: true,
    callbackUrls: CALLBACK_URLS,
    newRequestId: () => crypto.randomUUID(),
    now: () => clock.monotonic(),
    log,
  });
  served.app = app;
  workers.start();

  async function send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${API_TOKEN}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      json: text === "" ? undefined : JSON.parse(text),
    };
  }

  async function control(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(sandbox.url + path, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, json: await response.json() };
  }

  return {
    url,
    sandboxUrl: sandbox.url,
    log,
    stores,
    send,
    /** The sandbox's own routes: faults, cabinet, witness. */
    control,
    fault: (fault: string, more: Record<string, unknown> = {}) =>
      control("POST", "/sandbox/faults", { fault, ...more }),
    /** How many creates Konsol executed. */
    executed: async () => (await control("GET", "/sandbox/state")).json.creates_executed as number,
    /** Waits until the payment shows the status (and detail) and gives it. */
    untilShown: (id: string, wanted: Record<string, unknown>) =>
      eventually(async () => {
        const { json } = await send("GET", `/konsol/payments/${id}`);
        for (const [name, value] of Object.entries(wanted)) {
          if (json[name] !== value) throw new Error(`${name} is ${json[name]}, not ${value}`);
        }
        return json;
      }),
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await workers.stop();
      await server.shutdown();
      transport.close();
      callbackSender.close();
      await stores.close();
    },
  };
}

/** The seed's own bodies, as they stand in its text. */
export const seedCard = {
  amount: 1000.00,
  currency: "RUB",
  description: "Оплата услуг",
  payment_type: "card_payment",
  card_number: "1234567890123456",
  user_id: 123456789,
  external_id: "order_123",
  callback_url: "https://your-domain.com/webhook",
  metadata: { order_id: "123", product: "premium" },
};

export const seedPhone = {
  amount: 1000.00,
  currency: "RUB",
  description: "Оплата услуг",
  payment_type: "phone_payment",
  phone_number: "+79123456789",
  bank: "Сбербанк",
  user_id: 123456789,
  external_id: "order_123",
  callback_url: "https://your-domain.com/webhook",
  metadata: { order_id: "123", product: "premium" },
};
