// Puts the sandbox together: a stand-in for konsol.pro that tests start in-process and main.ts as a process.
import { answerApi, type ApiParts } from "./answer_api.ts";
import { answerControl, type ControlParts } from "./answer_control.ts";
import { FaultQueue } from "./fault_queue.ts";
import { Ledger } from "./ledger.ts";
import { Provider } from "./provider.ts";
import { KonsolError, type Reply } from "./reply.ts";
import { minorOf } from "./roubles.ts";
import { type Handler, type HttpCall, type HttpServer, serveHttp } from "./serve_http.ts";
import { WebhookSender } from "./webhook_sender.ts";

export interface SandboxOptions {
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port?: number;
  readonly token?: string;
  /** The file that keeps its state; in memory alone when absent. */
  readonly statePath?: string;
  readonly balanceRoubles?: string;
  readonly webhookSecret?: string;
  /** Time between a payment's statuses. */
  readonly stepMs?: number;
  /** How late a slow create answers. */
  readonly slowMs?: number;
  readonly hangMs?: number;
  readonly webhookRetryMs?: number;
  readonly webhookTimeoutMs?: number;
  readonly reorderHoldMs?: number;
  readonly log?: (line: string) => void;
}

export interface Sandbox extends AsyncDisposable {
  readonly url: string;
  close(): Promise<void>;
}

const defaults = {
  host: "127.0.0.1",
  port: 0,
  token: "sandbox_konsol_token",
  balanceRoubles: "10000000.00",
  stepMs: 1000,
  slowMs: 3000,
  hangMs: 60_000,
  webhookRetryMs: 1000,
  webhookTimeoutMs: 5000,
  reorderHoldMs: 5000,
  log: (_: string) => {},
} satisfies SandboxOptions;

export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const settings = { ...defaults, ...withoutUndefined(options) };
  let handle: Handler = () => {
    throw new KonsolError(503, ["Песочница запускается"]);
  };
  // The port comes first: a second sandbox on it must fail before it rewrites the state of the first.
  const server = await serveHttp(settings, (call) => handle(call));
  try {
    const parts = openParts(settings);
    handle = (call) => answer(parts, call);
    settings.log(`Sandbox of konsol.pro listens on ${server.url}`);
    const close = () => closeAll(server, parts);
    return { url: server.url, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

type Settings = typeof defaults & SandboxOptions;
type Parts = ApiParts & ControlParts;

/** All parts, with what an earlier process left on its way set going again. */
function openParts(settings: Settings): Parts {
  const balanceMinor = minorOf(settings.balanceRoubles);
  if (balanceMinor === undefined) {
    throw new Error(`Cannot start the sandbox with the balance ${settings.balanceRoubles}`);
  }
  const ledger = new Ledger(balanceMinor, settings.statePath);
  const faults = new FaultQueue();
  const webhooks = new WebhookSender({ ledger, faults }, settings);
  const provider = new Provider({ ledger, faults, webhooks }, settings);
  webhooks.resume();
  provider.resume();
  return { ledger, faults, webhooks, provider, token: settings.token };
}

function answer(parts: Parts, call: HttpCall): Reply | Promise<Reply> {
  const isControl = call.url.pathname.startsWith("/sandbox/");
  return isControl ? answerControl(parts, call) : answerApi(parts, call);
}

async function closeAll(server: HttpServer, parts: Parts): Promise<void> {
  parts.provider.close();
  await Promise.all([server.close(), parts.webhooks.close()]);
  parts.ledger.close();
}

function withoutUndefined(options: SandboxOptions): SandboxOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
