// HTTP apps that are used again: building one costs more than most instances live to answer.

import type { Application } from "../../application/application.ts";
import type { Log } from "../../application/ports.ts";
import type { Service } from "./service.ts";

export const API_TOKEN = "simulation-token-0123456789-0123456789";

/** Whose requests an app serves at the moment. */
export interface Served {
  readonly application: Application;
  readonly log: Log;
  monotonic(): number;
}

export interface HttpSlot {
  readonly app: ReturnType<Service["createHttpApp"]>;
  served: Served;
}

const freeSlots = new WeakMap<Service, HttpSlot[]>();

export function takeSlot(service: Service, served: Served): HttpSlot {
  const slot = freeSlots.get(service)?.pop();
  if (slot === undefined) return createSlot(service, served);
  slot.served = served;
  return slot;
}

/** Its instance is gone: whatever of it still waits, waits for ever. */
export function giveBack(service: Service, slot: HttpSlot): void {
  const free = freeSlots.get(service) ?? [];
  free.push(slot);
  freeSlots.set(service, free);
}

function createSlot(service: Service, served: Served): HttpSlot {
  const slot: { served: Served } = { served };
  const application = new Proxy({} as Application, {
    get: (_, name) => Reflect.get(slot.served.application, name),
  });
  const log = new Proxy({} as Log, { get: (_, name) => Reflect.get(slot.served.log, name) });
  const app = service.createHttpApp(application, {
    apiTokens: [API_TOKEN],
    amountLimit: "1000000",
    allowTestCard: true,
    callbackUrls: { allowLoopbackHttp: true, ports: [], ranges: [] },
    newRequestId: () => "req",
    now: () => slot.served.monotonic(),
    log,
  });
  return Object.assign(slot, { app });
}
