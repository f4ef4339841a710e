// A MongoDB for tests on this machine: SecantusDB, which `tasks/install_mongo.ts` put into the user's cache folder.

import { freePort } from "./local_stack.ts";

/** Answers as MongoDB 8.2 and as a replica set of one, on WiredTiger; no mongod can be installed from a package here. */
export const SECANTUS = "secantusdb==0.7.0b3";

const READY_TRIES_MAX = 400;
const READY_EVERY_MS = 50;

export interface LocalMongo {
  readonly url: string;
  readonly pid: number;
  /** Kills it as a crash would; what it acknowledged is on disk. */
  kill(): Promise<void>;
  /** The end, without a wait: also where no promise is waited for any more. */
  stop(): void;
}

/** Outside the repository; undefined where nothing tells a folder of the user's. */
export function mongoFolder(): string | undefined {
  const home = Deno.env.get("HOME");
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? (home && `${home}/.cache`) ??
    Deno.env.get("TMPDIR");
  return cache && `${cache}/konsol-payments/${SECANTUS.replace("==", "-")}`;
}

/** The program, if it is installed. */
export function mongoProgram(): string | undefined {
  const program = `${mongoFolder()}/bin/secantusd-py`;
  try {
    return Deno.statSync(program).isFile ? program : undefined;
  } catch {
    return undefined;
  }
}

/** Resolves once it takes connections; throws when it ends before that. */
export async function startLocalMongo(
  program: string,
  storage: string,
  port: string = freePort(),
): Promise<LocalMongo> {
  const process = new Deno.Command(program, {
    args: [
      ...["--port", port, "--storage-path", storage, "--cache-size", "128M"],
      ...["--sync-on-commit", "--enable-test-commands", "--log-level", "ERROR"],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  const end = process.status.then(() => void (ended = true));
  const stop = () => {
    try {
      process.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
  };
  for (let tries = 0; !await takesConnections(Number(port)); tries++) {
    if (ended || tries >= READY_TRIES_MAX) {
      stop();
      throw new Error(`Cannot start ${program} as it takes no connection`);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_EVERY_MS));
  }
  return {
    url: `mongodb://127.0.0.1:${port}/?replicaSet=secantus`,
    pid: process.pid,
    stop,
    async kill() {
      stop();
      await end;
    },
  };
}

async function takesConnections(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
