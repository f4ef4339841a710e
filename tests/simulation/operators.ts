// What happens to instances and their store: crashes, restarts, pauses, sleeping machines, clocks that jump, outages.

import type { Instance } from "./instance.ts";
import type { SeededRandom } from "./seeded_random.ts";
import type { World } from "./world.ts";

export class Operators {
  readonly #world: World;
  readonly #random: SeededRandom;
  #calm = false;
  #down = 0;
  /** Paused with a request for that payment on the wire. */
  readonly #sleepsOver = new Map<Instance, string>();

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork("operators");
  }

  start(): void {
    const { operators, storeFaults, instances } = this.#world.plan;
    for (let count = 0; count < instances; count++) this.#world.startInstance();
    this.#every(operators.crashEveryMs, () => this.#crash());
    this.#every(operators.stopEveryMs, () => this.#stop());
    this.#every(operators.pauseEveryMs, () => this.#pause());
    this.#every(operators.jumpEveryMs, () => this.#jump());
    this.#every(storeFaults.outageEveryMs, () => this.#outage());
    this.#planRestore();
    this.#wakeOnClaim();
    this.#pauseOnSend();
  }

  /** Everything is repaired: all instances run, on clocks that are right. */
  repair(): void {
    this.#calm = true;
    const { weather, provider, ledger, webhooks, receiver, plan } = this.#world;
    for (const part of [weather, provider, ledger, webhooks, receiver]) part.calm = true;
    weather.outage = "none";
    for (const instance of this.#world.alive) {
      instance.clock.skewMs = 0;
      instance.resume();
    }
    this.#down = 0;
    while (this.#world.alive.length < plan.instances) {
      this.#world.startInstance().clock.skewMs = 0;
    }
  }

  /** A copy is made, and later it takes the place of the store. */
  #planRestore(): void {
    const { operators } = this.#world.plan;
    if (operators.restoreAtMs === 0) return;
    const { time } = this.#world;
    const copyAtMs = Math.max(0, operators.restoreAtMs - operators.restoreBackMs);
    time.after(copyAtMs, async () => {
      this.#world.trace.add("the store is copied");
      const backup = await time.heldFor(this.#world.backUp());
      time.after(operators.restoreAtMs - copyAtMs, async () => {
        if (this.#calm) return;
        await time.heldFor(this.#world.bringBack(backup));
        this.#world.startInstance();
        for (let more = 1; more < this.#world.plan.instances; more++) this.#restartLater();
      });
    });
  }

  #every(everyMs: number, act: () => void): void {
    if (everyMs === 0) return;
    this.#world.time.after(this.#random.logBetween(Math.max(1, everyMs / 10), 2 * everyMs), () => {
      if (this.#calm) return;
      act();
      this.#every(everyMs, act);
    });
  }

  #someone(): Instance | undefined {
    const { alive } = this.#world;
    return alive.length === 0 ? undefined : this.#random.pick(alive);
  }

  #crash(): void {
    const instance = this.#someone();
    if (instance === undefined) return;
    instance.crash();
    this.#restartLater();
  }

  /** SIGTERM, and after its grace SIGKILL. */
  #stop(): void {
    const instance = this.#someone();
    if (instance === undefined) return;
    this.#world.trace.add(`${instance.name} is told to stop`);
    const end = () => {
      if (instance.gone) return;
      instance.crash();
      this.#restartLater();
    };
    void instance.stop().then(end);
    this.#world.time.after(this.#world.settings.konsolTimeoutMs + 5_000, end);
  }

  #restartLater(): void {
    if (this.#calm) {
      this.#world.startInstance().clock.skewMs = 0;
      return;
    }
    const { downMaxMs } = this.#world.plan.operators;
    this.#down++;
    this.#world.time.after(this.#random.logBetween(10, downMaxMs), () => {
      if (this.#calm || this.#down === 0) return;
      this.#down--;
      this.#world.startInstance();
    });
  }

  #pause(): void {
    const instance = this.#someone();
    if (instance === undefined || instance.isPaused) return;
    const ms = this.#random.logBetween(500, this.#world.plan.operators.pauseMaxMs);
    const machineSleeps = this.#random.chance(0.4);
    this.#world.trace.add(
      `${instance.name} ${machineSleeps ? "sleeps" : "is paused"} for ${ms} ms`,
    );
    this.#sleepsOver.delete(instance);
    instance.pause(ms, machineSleeps);
  }

  /** Those that were paused wake up at the worst moment: when another has just begun to send. */
  #wakeOnClaim(): void {
    if (!this.#world.plan.operators.wakesOnClaim) return;
    this.#world.onClaim = (paymentId) => {
      for (const instance of this.#world.alive) {
        const sleepsOver = this.#sleepsOver.get(instance);
        const wakes = sleepsOver === undefined
          ? this.#random.chance(0.5)
          : sleepsOver === paymentId;
        if (!instance.isPaused || !wakes) continue;
        this.#world.time.after(this.#random.logBetween(1, 3_000), () => instance.resume());
      }
    };
  }

  /** A process stands still with its request on the wire: what it hears when it wakes is old. */
  #pauseOnSend(): void {
    const { operators, faultsMs } = this.#world.plan;
    const { pausesOnSend, pauseMaxMs, wakesOnClaim } = operators;
    if (pausesOnSend === 0) return;
    this.#world.onSend = (instance, paymentId) => {
      if (this.#calm || instance.isPaused || !this.#random.chance(pausesOnSend)) return;
      this.#world.trace.add(`${instance.name} is paused in mid-send`);
      const longestMs = wakesOnClaim ? faultsMs : Math.max(10_000, pauseMaxMs);
      instance.pause(this.#random.between(10_000, longestMs), false);
      this.#sleepsOver.set(instance, paymentId);
    };
  }

  #jump(): void {
    const instance = this.#someone();
    if (instance === undefined) return;
    const { jumpMaxMs } = this.#world.plan.operators;
    instance.clock.skewMs = this.#random.between(-jumpMaxMs, jumpMaxMs);
    this.#world.trace.add(`${instance.name}'s clock is off by ${instance.clock.skewMs} ms`);
  }

  #outage(): void {
    const { weather, time, plan, trace } = this.#world;
    const ms = this.#random.logBetween(100, plan.storeFaults.outageMaxMs);
    weather.outage = this.#random.pick(["away", "full"]);
    trace.add(`the store is ${weather.outage} for ${ms} ms`);
    time.after(ms, () => weather.outage = "none");
  }
}
