// The service and the sandbox as processes that may be killed, on real files; what is broken and asked through HTTP.

import { developmentEnv } from "../../tasks/local_stack.ts";
import { sandboxPermissions, servicePermissions } from "../../tasks/permissions.ts";
import { clockFlags } from "./hurried_clock.ts";
import { Victim } from "./victim.ts";

/** Below the ports that the system gives out: nobody takes one while its process is dead. */
const PORT_MIN = 12_000;
const PORT_MAX = 32_000;
const PORT_TRIES_MAX = 200;
/** Seconds, as the setting wants it; the lease is fifteen more, on the hurried clock. */
const KONSOL_TIMEOUT = "0.5";
export const SPEED = 10;

export interface StackOptions {
  readonly services?: number;
  /** How much faster the clocks run. */
  readonly speed?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the first service finds Konsol; default: the sandbox itself, as the others. */
  readonly konsolUrl?: string;
  /** One for each service; default: one SQLite file of all. */
  readonly databaseUrls?: readonly string[];
  /** The folder of the database; default: beside the sandbox's state. */
  readonly dataFolder?: string;
}

export interface Konsol {
  readonly creates_received: number;
  readonly creates_executed: number;
  readonly executed: readonly Executed[];
}

export interface Executed {
  readonly id: string;
  readonly payment_id: string | null;
  readonly external_id: string | null;
  readonly amount: number;
  readonly status: string;
}

export interface Stack extends AsyncDisposable {
  readonly services: readonly Victim[];
  readonly sandbox: Victim;
  readonly databasePath: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly speed: number;
  /** Asks the sandbox for a fault; false when it is dead or starting. */
  fault(fault: string, more?: Readonly<Record<string, unknown>>): Promise<boolean>;
  clearFaults(): Promise<void>;
  /** The witness. */
  konsol(): Promise<Konsol>;
  /** Konsol's own list of payments, all of it. */
  konsolPayments(): Promise<readonly Json[]>;
  /** Ends that nobody asked for and blows that did not strike, of all processes. */
  surprises(): string[];
}

// deno-lint-ignore no-explicit-any -- whatever JSON came
export type Json = any;

export async function openStack(options: StackOptions = {}): Promise<Stack> {
  const folder = await Deno.makeTempDir({ prefix: "chaos_" });
  const dataFolder = options.dataFolder ?? folder;
  const speed = options.speed ?? SPEED;
  const clock = clockFlags({ since: Date.now(), speed });
  const sandboxPort = steadyPort();
  const ports = Array.from({ length: options.services ?? 1 }, steadyPort);
  const env = developmentEnv({
    PORT: ports[0] ?? "",
    SANDBOX_PORT: sandboxPort,
    SANDBOX_STATE: `${folder}/sandbox.json`,
    SANDBOX_STEP_MS: "30",
    DATABASE_URL: `sqlite:${dataFolder}/konsol.db`,
    KONSOL_TIMEOUT,
    SUBMIT_WAIT: "0.2",
    LOG_FORMAT: "json",
    ...options.env,
  });
  const sandbox = new Victim({
    name: "sandbox",
    args: ["run", ...clock, ...sandboxPermissions(folder), "adapters/sandbox/main.ts"],
    env,
    url: `http://127.0.0.1:${sandboxPort}`,
    readyPath: "/sandbox/state",
  });
  const services = ports.map((port, index) =>
    new Victim({
      name: `service_${index + 1}`,
      args: ["run", ...clock, ...servicePermissions(dataFolder), "main.ts"],
      env: {
        ...env,
        PORT: port,
        ...konsolAt(index === 0 && options.konsolUrl),
        ...databaseAt(options.databaseUrls?.[index]),
      },
      url: `http://127.0.0.1:${port}`,
      readyPath: "/readyz",
    })
  );
  const stack = stackOf(folder, env, speed, sandbox, services, `${dataFolder}/konsol.db`);
  try {
    sandbox.start();
    await sandbox.untilReady();
    for (const service of services) {
      service.start();
      await service.untilReady();
    }
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
  return stack;
}

function konsolAt(url: string | false | undefined): Record<string, string> {
  return url ? { KONSOL_BASE_URL: url } : {};
}

function databaseAt(url: string | undefined): Record<string, string> {
  return url ? { DATABASE_URL: url } : {};
}

function stackOf(
  folder: string,
  env: Readonly<Record<string, string>>,
  speed: number,
  sandbox: Victim,
  services: readonly Victim[],
  databasePath: string,
): Stack {
  const control = (path: string) => `${sandbox.url}/sandbox/${path}`;
  const konsolHeaders = { authorization: `Bearer ${env.KONSOL_API_TOKEN}` };
  return {
    services,
    sandbox,
    databasePath,
    speed,
    headers: { authorization: `Bearer ${env.API_TOKEN}`, "content-type": "application/json" },
    async fault(fault, more) {
      const body = JSON.stringify({ fault, ...more });
      const asked = await fetch(control("faults"), { method: "POST", body }).catch(() => undefined);
      await asked?.body?.cancel().catch(() => {});
      return asked?.ok ?? false;
    },
    async clearFaults() {
      await readJson(control("faults"), { method: "DELETE" });
    },
    konsol: () => readJson(control("state")),
    async konsolPayments() {
      const url = `${sandbox.url}/api/payments?per_page=100&page=`;
      const { items, total } = await readJson(`${url}1`, { headers: konsolHeaders });
      for (let page = 2; items.length < total; page++) {
        const next = await readJson(`${url}${page}`, { headers: konsolHeaders });
        if (next.items.length === 0) {
          throw new Error(`Cannot read page ${page} of ${total} payments`);
        }
        items.push(...next.items);
      }
      return items;
    },
    surprises: () => [sandbox, ...services].flatMap((victim) => victim.surprises),
    async [Symbol.asyncDispose]() {
      await Promise.all([...services, sandbox].map((victim) => victim.kill()));
      await Deno.remove(folder, { recursive: true });
    },
  };
}

export async function readJson(url: string, init?: RequestInit): Promise<Json> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot read ${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

function steadyPort(): string {
  for (let tries = 0; tries < PORT_TRIES_MAX; tries++) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return String(port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error(`Cannot find a free port in ${PORT_TRIES_MAX} tries`);
}
