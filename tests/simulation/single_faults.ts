// One script with one fault in it: at the given call of the given port, of the given kind.

import type { Call } from "../../adapters/konsol/transport.ts";
import { judgeEnd } from "./end_rules.ts";
import type { ScriptedFate } from "./faulty_provider.ts";
import type { ScriptedReception } from "./faulty_receiver.ts";
import type { PortCall, StoreFate } from "./faulty_store.ts";
import { endState } from "./scenario.ts";
import type { StoreKind } from "./scenario_plan.ts";
import { type Script, scriptPlan } from "./scripts.ts";
import { SeededRandom } from "./seeded_random.ts";
import type { Service } from "./service.ts";
import { Story } from "./story.ts";
import { World } from "./world.ts";

export const FAULTS = [
  "crash_before",
  "crash_after",
  "error_before",
  "error_after",
  "delay",
] as const;
export type Fault = (typeof FAULTS)[number];

/** `nth` call of `name` ("payments.save", "konsol.create") in the run. */
export interface SingleFault {
  readonly name: string;
  readonly nth: number;
  readonly fault: Fault;
}

export interface ScriptRun {
  /** How often each port call was made. */
  readonly calls: ReadonlyMap<string, number>;
  readonly violation: string | undefined;
  readonly lines: readonly string[];
}

const SEED = 4;
const RESTART_MS = 500;
const DELAY_MS = 20_000;
const STORY_MAX_MS = 6 * 3_600_000;
/** Past the story: what is in doubt is parked, what is due is done. */
const AFTER_MS = 2 * 3_600_000;

const STORE_FATES: Readonly<Record<Fault, StoreFate>> = {
  crash_before: { at: "crash_before" },
  crash_after: { at: "crash_after" },
  error_before: { at: "error_before" },
  error_after: { at: "error_after" },
  delay: { beforeMs: DELAY_MS, afterMs: DELAY_MS },
};

const RECEPTIONS: Readonly<Record<Fault, ScriptedReception>> = {
  crash_before: { crash: "before" },
  crash_after: { crash: "after" },
  error_before: { fate: "connect_failed" },
  error_after: { fate: "answer_lost" },
  delay: { fate: "hangs" },
};

function konsolFate(fault: Fault, isCreate: boolean): ScriptedFate {
  switch (fault) {
    case "crash_before":
      return { crash: "before" };
    case "crash_after":
      return { crash: "after" };
    case "error_before":
      return { fate: "connect_failed" };
    case "error_after":
      return { fate: "reset_after" };
    case "delay":
      return { fate: isCreate ? "slow_answer" : "timeout_after" };
  }
}

/** The port's method behind an HTTP call to Konsol. */
export function konsolCallName({ method, path }: Call): string {
  if (method === "POST") return "konsol.create";
  if (path.startsWith("/api/balance")) return "konsol.balance";
  if (path.startsWith("/api/payments?")) return "konsol.list";
  return `konsol.${method.toLowerCase()}`;
}

export async function runScript(
  service: Service,
  script: Script,
  store: StoreKind,
  single?: SingleFault,
): Promise<ScriptRun> {
  const plan = scriptPlan(store, script);
  const world = new World(service, plan, new SeededRandom(SEED));
  const calls = new Map<string, number>();
  const faultAt = (name: string): Fault | undefined => {
    const nth = (calls.get(name) ?? 0) + 1;
    calls.set(name, nth);
    return single?.name === name && single.nth === nth ? single.fault : undefined;
  };
  scriptFaults(world, script, faultAt);
  world.receiver.script = () => {
    const fault = faultAt("callbackSender.send");
    return fault && RECEPTIONS[fault];
  };
  world.onCrash = () => void world.time.after(RESTART_MS, () => world.startInstance());
  world.webhooks.isDeaf = script.isDeaf === true;
  world.startInstance();
  const isSafe = () => world.invariants.violations.length === 0;
  let ended = false;
  const story = script.play(new Story(world)).catch((error: Error) => {
    world.invariants.violate(`the story broke: ${error.message}`);
  }).finally(() => ended = true);
  await world.time.advance(world.time.start + STORY_MAX_MS, () => isSafe() && !ended);
  if (isSafe()) {
    await story;
    world.storeScript = () => undefined;
    world.provider.script = () => undefined;
    await world.time.advance(world.time.now + AFTER_MS, isSafe);
  }
  if (isSafe()) await judgeAll(world);
  await world.end();
  return { calls, violation: world.invariants.violations[0], lines: world.trace.last(80) };
}

async function judgeAll(world: World): Promise<void> {
  judgeEnd(await endState(world));
  world.telling.judgeLog(await world.storedEvents(), []);
  world.telling.judgeEnd(await world.storedCallbacks());
}

function scriptFaults(
  world: World,
  script: Script,
  faultAt: (name: string) => Fault | undefined,
): void {
  const creates = [...script.creates ?? []];
  world.storeScript = ({ port, method }: PortCall) => {
    const fault = faultAt(`${port}.${method}`);
    return fault && STORE_FATES[fault];
  };
  world.provider.script = (call) => {
    const isCreate = call.method === "POST";
    const fault = faultAt(konsolCallName(call));
    const planned = isCreate ? creates.shift() : undefined;
    return fault ? konsolFate(fault, isCreate) : planned && { fate: planned };
  };
}
