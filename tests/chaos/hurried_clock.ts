// A clock that runs faster for a process of its own, so that a lease of sixteen seconds is over in less than two.

export interface HurriedClock {
  /** Wall-clock time at which it agrees with the true one. */
  readonly since: number;
  /** 1 = the true time. */
  readonly speed: number;
}

/**
 * Flags for `deno run` that change only what the clocks show; timers and sockets keep their true time. All
 * processes of one stack get the same, or Konsol's times would seem to lie years before ours.
 */
export function clockFlags({ since, speed }: HurriedClock): string[] {
  if (speed === 1) return [];
  const code = `(${hurry.toString()})(${since}, ${speed})`;
  return [`--preload=data:text/javascript,${encodeURIComponent(code)}`];
}

/** Runs in the other process, before its first module: it can use nothing of this file. */
function hurry(since: number, speed: number): void {
  const TrueDate = Date;
  const trueMonotonic = performance.now.bind(performance);
  const now = () => Math.round(since + (TrueDate.now() - since) * speed);
  class HurriedDate extends TrueDate {
    constructor(...given: [] | ConstructorParameters<typeof TrueDate>) {
      super(...(given.length === 0 ? [now()] : given) as [number]);
    }
    static override now = now;
  }
  globalThis.Date = HurriedDate as DateConstructor;
  performance.now = () => trueMonotonic() * speed;
}
