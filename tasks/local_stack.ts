// The service with an embedded SQLite file and, beside it, the Konsol sandbox: two processes, ready to use.

import { type Child, startChild } from "./child.ts";
import { databaseFolder, folderOf, sandboxPermissions, servicePermissions } from "./permissions.ts";

/** For one's own machine only: the service refuses the sandbox's test card with any other Konsol. */
export const DEVELOPMENT_TOKEN = "development-token-for-localhost-only";
const DEVELOPMENT_CARD_KEY = btoa("development-only-card-key-32-b..");
export const DEVELOPMENT_CALLBACK_SECRET = `whsec_${btoa("development-only-callback-secret")}`;
const LOOPBACK = "127.0.0.1";
const SANDBOX_TOKEN = "sandbox_konsol_token";
const READY_TRIES_MAX = 600;
const READY_EVERY_MS = 50;

export interface StackOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (name: string, line: string) => void;
}

export interface LocalStack {
  readonly env: Readonly<Record<string, string>>;
  readonly serviceUrl: string;
  /** Absent when KONSOL_BASE_URL names another Konsol. */
  readonly sandboxUrl?: string;
  readonly token: string;
  readonly service: () => Child;
  restartService(): Promise<void>;
  restartSandbox(): Promise<void>;
  stop(): Promise<void>;
}

/** Everything that the environment leaves open, set for one's own machine; a port 0 becomes a free one. */
export function developmentEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const ports = {
    PORT: chosenPort(set.PORT, "8000"),
    SANDBOX_PORT: chosenPort(set.SANDBOX_PORT, "8001"),
  };
  const sandbox = {
    KONSOL_SANDBOX: "1",
    KONSOL_BASE_URL: `http://127.0.0.1:${ports.SANDBOX_PORT}`,
  };
  const host = reachableHost(set.HOST ?? LOOPBACK);
  const defaults: Record<string, string> = {
    HOST: LOOPBACK,
    // Konsol's webhooks go over https to anywhere else: without an address of ours we only poll.
    ...(isLoopback(host) && { PUBLIC_URL: `http://${host}:${ports.PORT}` }),
    DATABASE_URL: "sqlite:data/konsol.db",
    SANDBOX_STATE: "data/sandbox.json",
    LOG_FORMAT: "text",
    API_TOKEN: DEVELOPMENT_TOKEN,
    CARD_KEY: DEVELOPMENT_CARD_KEY,
    CALLBACK_SECRETS: DEVELOPMENT_CALLBACK_SECRET,
    KONSOL_API_TOKEN: SANDBOX_TOKEN,
    ...(set.KONSOL_BASE_URL ? {} : sandbox),
  };
  return { ...defaults, ...set, ...ports };
}

function chosenPort(given: string | undefined, usual: string): string {
  return given === "0" ? freePort() : given ?? usual;
}

/** Where a server that listens at `host` can be called from this machine, as URLs write it. */
function reachableHost(host: string): string {
  if (["0.0.0.0", "::", "localhost"].includes(host)) return LOOPBACK;
  return host.includes(":") ? `[${host}]` : host;
}

function isLoopback(host: string): boolean {
  return host === "[::1]" || host.startsWith("127.");
}

/** Resolves when both answer; throws, with both stopped, when one of them ends before that. */
export async function startLocalStack(options: StackOptions): Promise<LocalStack> {
  const env = developmentEnv(options.env);
  const host = env.HOST ?? LOOPBACK;
  const serviceUrl = `http://${reachableHost(host)}:${env.PORT}`;
  const ownSandbox = !options.env.KONSOL_BASE_URL;
  const sandboxUrl = ownSandbox ? env.KONSOL_BASE_URL : undefined;
  await Promise.all([
    mustBeFree("PORT", host, env.PORT),
    ownSandbox && mustBeFree("SANDBOX_PORT", LOOPBACK, env.SANDBOX_PORT),
  ]);

  const start = (name: string, args: readonly string[]) => {
    const onLine = (line: string) => options.onLine(name, line);
    const child = startChild({ name, args, env, onLine });
    // One that was killed says nothing itself.
    child.ended.then((code) => onLine(`ended with exit code ${code}`));
    return child;
  };
  const stateFolder = folderOf(env.SANDBOX_STATE ?? "");
  const dataFolder = databaseFolder(env.DATABASE_URL ?? "");
  const startSandbox = () =>
    start("sandbox", ["run", ...sandboxPermissions(stateFolder), "adapters/sandbox/main.ts"]);
  const startService = () =>
    start("service", ["run", ...servicePermissions(dataFolder), "main.ts"]);

  let sandbox = ownSandbox ? startSandbox() : undefined;
  let service: Child | undefined;
  const stop = async () => {
    await service?.stop();
    await sandbox?.stop();
  };
  try {
    if (sandbox) await untilAnswers(`${sandboxUrl}/sandbox/state`, sandbox);
    service = startService();
    await untilAnswers(`${serviceUrl}/readyz`, service);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env,
    serviceUrl,
    sandboxUrl,
    token: (env.API_TOKEN ?? "").split(",")[0]?.trim() ?? "",
    service: () => service as Child,
    async restartService() {
      await service?.stop();
      service = startService();
      await untilAnswers(`${serviceUrl}/readyz`, service);
    },
    async restartSandbox() {
      await sandbox?.stop();
      if (sandbox) sandbox = startSandbox();
    },
    stop,
  };
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): string {
  const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const { port } = listener.addr;
  listener.close();
  return String(port);
}

function mustBeFree(setting: string, hostname: string, port: string | undefined): void {
  try {
    Deno.listen({ hostname, port: Number(port) }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(`Port ${port} is in use. Stop what uses it, or set another: ${setting}=…`);
  }
}

async function untilAnswers(url: string, child: Child): Promise<void> {
  let ended: number | undefined;
  child.ended.then((code) => ended = code);
  for (let tries = 0; tries < READY_TRIES_MAX; tries++) {
    if (ended !== undefined) throw new Error(`The ${child.name} ended with exit code ${ended}.`);
    const ok = await fetch(url).then(async (response) => {
      await response.body?.cancel();
      return response.ok;
    }, () => false);
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, READY_EVERY_MS));
  }
  throw new Error(`The ${child.name} does not answer at ${url}.`);
}
