// One round of the benchmark: receivers, a file of due callbacks, and the process that delivers them, all anew.

import { type Child, startChild } from "../../tasks/child.ts";
import { storeDueCallbacks } from "./due_callbacks.ts";
import { FIRST, type Measured, RECEIVERS } from "./figures.ts";
import type { Heard } from "./receivers.ts";

const EXPOSE_GC = "--v8-flags=--expose-gc";

export interface RoundOptions {
  readonly callbacks: number;
  /** The first receiver takes every request and answers none. */
  readonly firstHangs?: boolean;
}

interface Program {
  readonly child: Child;
  /** Rejects when it ends without one. */
  readonly firstLine: Promise<string>;
  /** Once it has ended; throws what it said when it failed. */
  lastLine(): Promise<string>;
}

/** Throws when not every callback arrived exactly once: what is not right has no speed. */
export async function playRound(options: RoundOptions): Promise<Measured> {
  const { callbacks, firstHangs = false } = options;
  const folder = await Deno.makeTempDir({ prefix: "bench_" });
  const receivers = startProgram("receivers.ts", [], firstHangs ? ["first_hangs"] : []);
  try {
    const urls: readonly string[] = JSON.parse(await receivers.firstLine);
    const path = `${folder}/konsol.db`;
    await storeDueCallbacks(path, callbacks, urls);
    const hosts = urls.map((url) => new URL(url).host).join(",");
    const wanted = expected(options).reduce((sum, count) => sum + count, 0);
    const deliverer = startProgram("deliverer.ts", [EXPOSE_GC], [path, hosts, `${wanted}`]);
    const measured: Measured = JSON.parse(await deliverer.lastLine());
    void receivers.child.stop();
    const heard: readonly Heard[] = JSON.parse(await receivers.lastLine());
    assertRight(options, measured, heard);
    return measured;
  } finally {
    await receivers.child.stop("SIGKILL");
    await Deno.remove(folder, { recursive: true });
  }
}

/** Of each receiver: how many are delivered to it. */
export function expected({ callbacks, firstHangs = false }: RoundOptions): readonly number[] {
  return Array.from(
    { length: RECEIVERS },
    (_, n) => firstHangs && n === FIRST ? 0 : Math.ceil((callbacks - n) / RECEIVERS),
  );
}

/** Who hangs must have been asked: else the round compares nothing. */
export function assertRight(
  options: RoundOptions,
  { deliveries }: Pick<Measured, "deliveries">,
  heard: readonly Heard[],
): void {
  for (const [receiver, count] of expected(options).entries()) {
    const { requests = 0, ids = 0 } = heard[receiver] ?? {};
    const delivered = deliveries.filter((delivery) => delivery.receiver === receiver).length;
    const hangs = options.firstHangs === true && receiver === FIRST;
    const isRight = hangs ? requests > 0 : requests === count && ids === count;
    if (delivered === count && isRight) continue;
    throw new Error(
      `Receiver ${receiver} must get ${hangs ? "some, none delivered" : `${count}, each once`}: ` +
        `${requests} requests with ${ids} events, ${delivered} delivered`,
    );
  }
}

function startProgram(
  file: string,
  flags: readonly string[],
  args: readonly string[],
): Program {
  const lines: string[] = [];
  const first = Promise.withResolvers<string>();
  const child = startChild({
    name: file,
    args: ["run", "--allow-all", ...flags, `tests/bench/${file}`, ...args],
    env: {},
    onLine(line) {
      lines.push(line);
      first.resolve(line);
    },
  });
  const failed = () => new Error(`${file} failed: ${lines.join("\n")}`);
  void child.ended.then(() => first.reject(failed()));
  // Not everybody waits for it.
  first.promise.catch(() => {});
  return {
    child,
    firstLine: first.promise,
    async lastLine() {
      const code = await child.ended;
      const line = lines.at(-1);
      if (code !== 0 || line === undefined) throw failed();
      return line;
    },
  };
}
