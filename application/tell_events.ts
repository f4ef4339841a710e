// Tells clients of what they can see: each payment is stored together with the event of its change.

import { type NewEvent, newsOf } from "../domain/payment_news.ts";
import type { Payment } from "../domain/payment.ts";
import type { PaymentStore, Ports } from "./ports.ts";

type TellPorts = Pick<Ports, "payments" | "clock" | "ids" | "writeEvent">;

/**
 * The store through which all else stores payments, so that no change can be forgotten. `ring` is called
 * when a callback came to be: it is due now.
 */
export function tellEvents(ports: TellPorts, ring: () => void): PaymentStore {
  const { payments } = ports;
  const ringFor = (events: readonly NewEvent[]) => {
    if (events.some(({ callbackUrl }) => callbackUrl !== undefined)) ring();
  };
  return {
    async insertOrGet(payment) {
      const events = eventsOf(ports, undefined, payment);
      const answer = await payments.insertOrGet(payment, events);
      if (answer.kind === "inserted") ringFor(events);
      return answer;
    },
    async save(before, after) {
      const events = eventsOf(ports, before, after);
      const answer = await payments.save(before, after, events);
      if (answer.kind === "saved") ringFor(events);
      return answer;
    },
    get: (id) => payments.get(id),
    getByKonsolId: (konsolId) => payments.getByKonsolId(konsolId),
    getByExternalId: (externalId) => payments.getByExternalId(externalId),
    list: (filter, page) => payments.list(filter, page),
    listReviews: (page) => payments.listReviews(page),
    due: (submissions, now, limit) => payments.due(submissions, now, limit),
  };
}

/** One at most: only what is stored was ever shown, however many steps led there. */
function eventsOf(
  ports: TellPorts,
  before: Payment | undefined,
  after: Payment,
): readonly NewEvent[] {
  const type = newsOf(before, after);
  if (type === undefined) return [];
  const head = { id: ports.ids.next("evt"), type, createdAt: ports.clock.now() };
  return [{
    ...head,
    paymentId: after.id,
    ordinal: before === undefined ? after.version : before.version + 1,
    body: ports.writeEvent(head, after),
    callbackUrl: after.callbackUrl,
  }];
}
