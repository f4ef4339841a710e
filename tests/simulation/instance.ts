// One instance of the service: its own clock, its own view of the shared stores, its own HTTP app and workers.

import type { Clock, Ids, Log, Ports, Settings } from "../../application/ports.ts";
import { cheapVault } from "./cheap_vault.ts";
import type { FaultyProvider } from "./faulty_provider.ts";
import type { FaultyReceiver } from "./faulty_receiver.ts";
import { faultyStores, type PortCall, type StoreFate } from "./faulty_store.ts";
import type { SeededRandom } from "./seeded_random.ts";
import { API_TOKEN, giveBack, type HttpSlot, takeSlot } from "./http_slots.ts";
import type { Service } from "./service.ts";
import { type ClockWorld, VirtualClock } from "./virtual_clock.ts";
import type { Owner, Timer } from "./virtual_time.ts";
import { WEBHOOK_URL } from "./webhook_url.ts";

type Bound = ReturnType<Service["createApplication"]>;

export type Stores =
  & Pick<
    Ports,
    "payments" | "invoices" | "webhooks" | "events" | "callbacks" | "control" | "storeHealth"
  >
  & { close(): Promise<void> };

export interface InstanceWorld extends ClockWorld {
  readonly service: Service;
  readonly stores: Stores;
  readonly provider: FaultyProvider;
  readonly receiver: FaultyReceiver;
  readonly ids: Ids;
  readonly settings: Omit<Settings, "instance">;
  readonly chance: SeededRandom;
  fateOf(instance: Instance, call: PortCall): StoreFate | undefined;
  storeAnswered(instance: Instance, call: PortCall, answer: unknown): void;
  logged(instance: Instance, level: keyof Log, event: string, fields: object): void;
  crashed(instance: Instance): void;
  /** The store came back from a backup and nobody has fenced it yet. */
  restored: boolean;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is a text. */
  readonly body?: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- clients read whatever JSON came
  readonly json: any;
}

export class Instance implements Owner {
  gone = false;
  /** Counts what befell it: slow stores, pauses. */
  troubles = 0;
  /** Since when nothing did, in true time. */
  steadySince: number;
  isPaused = false;
  readonly deferred: Timer[] = [];
  /** Answers requests: not before it has started. */
  isServing = false;
  readonly name: string;
  readonly clock: VirtualClock & Clock;
  readonly #world: InstanceWorld;
  readonly #ports: Ports;
  readonly #application: Bound["application"];
  readonly #workers: Bound["workers"];
  #pauses = 0;
  #asleepSince: number | undefined;
  /** Taken only by those that are asked anything. */
  #slot: HttpSlot | undefined;

  constructor(world: InstanceWorld, name: string) {
    this.#world = world;
    this.name = name;
    this.steadySince = world.time.now;
    this.clock = new VirtualClock(world, this);
    this.#ports = this.#createPorts();
    const settings = { ...world.settings, instance: name };
    const { application, workers } = world.service.createApplication(this.#ports, settings);
    this.#workers = workers;
    this.#application = application;
  }

  /** As main.ts has it: a restored store is fenced before anything else; one that cannot be ends the process. */
  async start(): Promise<void> {
    const world = this.#world;
    try {
      if (world.restored) await world.service.fenceRestoredStore(this.#ports, this.name);
    } catch {
      return this.crash();
    }
    world.restored = false;
    this.isServing = true;
    this.#workers.start();
  }

  /** What SIGTERM does; resolves when everything under way has ended. */
  async stop(): Promise<void> {
    await this.#workers.stop();
  }

  /** Ends at once, as by kill -9: nothing of it ever goes on. */
  crash(): void {
    if (this.gone) return;
    this.gone = true;
    this.#world.time.tickers.delete(this.clock);
    if (this.#slot !== undefined) giveBack(this.#world.service, this.#slot);
    this.#world.crashed(this);
  }

  isTroubled(forMs: number): void {
    this.troubles++;
    this.steadySince = Math.max(this.steadySince, this.#world.time.now + forMs);
  }

  /** The process stands still; if its machine sleeps, its monotonic clock stands still too. */
  pause(ms: number, machineSleeps: boolean): void {
    const { time } = this.#world;
    this.isTroubled(0);
    this.isPaused = true;
    this.#asleepSince = machineSleeps ? time.now : undefined;
    const pause = ++this.#pauses;
    time.after(ms, () => this.#pauses === pause && this.resume());
  }

  resume(): void {
    if (!this.isPaused) return;
    const { time } = this.#world;
    this.clock.sleptMs += time.now - (this.#asleepSince ?? time.now);
    this.isPaused = false;
    this.steadySince = time.now;
    time.undefer(this);
  }

  async request({ method, path, headers, body }: HttpRequest): Promise<HttpAnswer> {
    this.#slot ??= takeSlot(this.#world.service, {
      application: this.#application,
      log: this.#ports.log,
      monotonic: () => this.clock.monotonic(),
    });
    const response = await this.#slot.app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${API_TOKEN}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
  }

  #createPorts(): Ports {
    const world = this.#world;
    const log = this.#log();
    const { clock } = this;
    const stores = faultyStores(world.stores, {
      time: world.time,
      owner: this,
      fateOf: (call) => world.fateOf(this, call),
      answered: (call, answer) => world.storeAnswered(this, call, answer),
      crash: () => this.crash(),
      unavailable: (message) => new world.service.StoreUnavailable(message),
    });
    const transport = world.provider.transportFor(this);
    const { KonsolPaymentGateway, createWebhookReader, writeEvent } = world.service;
    return {
      ...stores,
      callbackSender: { send: (request) => world.receiver.send(this, request) },
      writeEvent,
      clock,
      ids: world.ids,
      chance: () => world.chance.next(),
      vault: cheapVault,
      gateway: new KonsolPaymentGateway({ transport, clock, log, webhookUrl: WEBHOOK_URL }),
      webhookReader: createWebhookReader({ vault: cheapVault }),
      log,
    };
  }

  #log(): Log {
    const at = (level: keyof Log): Log["info"] => (event, fields) => {
      if (!this.gone) this.#world.logged(this, level, event, fields);
    };
    return { debug: () => {}, info: at("info"), warn: at("warn"), error: at("error") };
  }
}
