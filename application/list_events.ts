// Reads all events in the order in which they were committed, for clients that would rather pull.

import type { StoredEvent } from "../domain/payment_news.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Ports } from "./ports.ts";

export interface EventPage {
  readonly items: readonly StoredEvent[];
  readonly hasMore: boolean;
}

export async function listEvents(
  ports: Pick<Ports, "events">,
  after: string | undefined,
  limit: number,
): Promise<EventPage> {
  const events = await ports.events.list(after, limit + 1);
  if (events === undefined) {
    throw new Refusal(
      "event_not_found",
      "Cannot list what comes after this event as none has this id: begin again without `after`",
    );
  }
  return { items: events.slice(0, limit), hasMore: events.length > limit };
}
