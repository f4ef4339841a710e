// Bugs to plant in telling clients what became of their payments.

import type { PlantedBug } from "./planted_bug.ts";

const NEWS = "domain/payment_news.ts";
const TRIES = "domain/callback_tries.ts";
const DELIVER = "application/deliver_callback.ts";
const TELL = "application/tell_events.ts";
const SEND =
  "const answer = await ports.callbackSender.send({ url, eventId: id, body: event.body });";

export const CALLBACK_BUGS: readonly PlantedBug[] = [
  {
    name: "a callback is marked as delivered before it is sent",
    file: DELIVER,
    from: SEND,
    to: `await record(ports, claimed.item, { kind: "answered", httpStatus: 200, ms: 0, start: "" });
  ${SEND}`,
  },
  {
    name: "a callback is sent without a stored claim",
    file: DELIVER,
    from: "const claimed = await ports.callbacks.save(callback, claim);",
    to: `const claimed = { kind: "saved" as "saved" | "stale", item: claim };`,
  },
  {
    name: "a callback's claim that another won is sent all the same",
    file: DELIVER,
    from:
      'if (claimed.kind !== "saved" || !mayBegin(claimed.item, ports.clock.now())) return undefined;',
    to: `if (claimed.kind !== "saved") {
    return await ports.callbackSender.send({ url, eventId: id, body: event.body });
  }`,
  },
  {
    name: "a callback does not wait for its turn",
    file: DELIVER,
    from: "if (first !== undefined && first.ordinal < callback.ordinal) {",
    to: "if (first !== undefined && first.ordinal < 0) {",
  },
  {
    name: "each try tells its own words",
    file: DELIVER,
    from: SEND,
    to: `const again = { ...JSON.parse(event.body), try: callback.tried + 1 };
  const body = callback.tried === 0 ? event.body : JSON.stringify(again);
  const answer = await ports.callbackSender.send({ url, eventId: id, body });`,
  },
  {
    name: "a redirect counts as delivered",
    file: TRIES,
    from: "answer.httpStatus >= 200 && answer.httpStatus <= 299",
    to: "answer.httpStatus >= 200 && answer.httpStatus <= 399",
  },
  {
    name: "a lost answer counts as delivered",
    file: TRIES,
    from: 'return answer.kind === "answered" && answer.httpStatus >= 200',
    to: 'return answer.kind === "failed" || answer.httpStatus >= 200',
  },
  {
    name: "a callback is given up after three tries",
    file: TRIES,
    from: "const scheduled = SCHEDULE_MS[tries];",
    to: "const scheduled = tries < 3 ? SCHEDULE_MS[tries] : undefined;",
  },
  {
    name: "a callback that failed is never due again",
    file: TRIES,
    from: "{ ...tried, dueAt: now + wait }",
    to: "{ ...tried, dueAt: undefined }",
  },
  {
    name: "a callback whose sender died is never due again",
    file: TRIES,
    from: "lease, dueAt: lease.until, updatedAt: now }",
    to: "lease, dueAt: lease.until + 1e12, updatedAt: now }",
  },
  {
    name: "a callback that waits is forgotten",
    file: TRIES,
    from: "return { ...callback, dueAt };",
    to: "return { ...callback, dueAt: dueAt + 1e12 };",
  },
  {
    name: "clients hear of ends alone",
    file: NEWS,
    from: 'return isEnd(after.status) ? `payment.${after.status}` : "payment.updated";',
    to: "return isEnd(after.status) ? `payment.${after.status}` : undefined;",
  },
  {
    name: "clients do not hear of a payment's detail",
    file: NEWS,
    from: 'return detailOf(before) === detailOf(after) ? undefined : "payment.updated";',
    to: "return undefined;",
  },
  {
    name: "clients hear of every write",
    file: NEWS,
    from: 'return detailOf(before) === detailOf(after) ? undefined : "payment.updated";',
    to: 'return "payment.updated";',
  },
  {
    name: "an event tells what was before",
    file: TELL,
    from: "body: ports.writeEvent(head, after),",
    to: "body: ports.writeEvent(head, before ?? after),",
  },
  {
    name: "an event tells the whole phone number",
    file: "adapters/http/event_body.ts",
    from: "const data = { ...paymentView(payment), ...masked };",
    to: "const data = { ...masked, ...paymentView(payment) };",
  },
];
