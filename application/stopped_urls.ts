// The URLs at which a receiver said that it wants nothing more (410), known to every instance.

import type { Ports } from "./ports.ts";

type StopPorts = Pick<Ports, "control" | "clock">;

interface Stop {
  readonly stopped: boolean;
  readonly at: number;
}

export async function isStopped(ports: StopPorts, url: string): Promise<boolean> {
  return (await ports.control.get<Stop>(keyOf(url)))?.value.stopped === true;
}

/** Who loses the race leaves it to the other: the next 410, or the next retry, says it again. */
export async function stopUrl(ports: StopPorts, url: string): Promise<void> {
  const known = await ports.control.get<Stop>(keyOf(url));
  if (known?.value.stopped) return;
  const stop: Stop = { stopped: true, at: ports.clock.now() };
  await ports.control.put(keyOf(url), known?.version, stop);
}

/** A person wants something brought there: it is tried again. */
export async function reopenUrl(ports: StopPorts, url: string): Promise<void> {
  const known = await ports.control.get<Stop>(keyOf(url));
  if (!known?.value.stopped) return;
  const open: Stop = { stopped: false, at: ports.clock.now() };
  await ports.control.put(keyOf(url), known.version, open);
}

function keyOf(url: string): string {
  return `callback_url:${url}`;
}
