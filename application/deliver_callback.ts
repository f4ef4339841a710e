// One try of one callback: in its turn, claimed durably, sent once, and what came of it recorded.

import type { Callback, CallbackAnswer } from "../domain/callback.ts";
import {
  applyCallbackAnswer,
  claimCallback,
  isDelivery,
  isUnderWay,
  mayBegin,
  queueBehind,
  saysGone,
  stopCallback,
  takeTurn,
  waitsItsTurn,
} from "../domain/callback_tries.ts";
import type { Ports } from "./ports.ts";
import { isStopped, stopUrl } from "./stopped_urls.ts";

/** How often what came of a try is recorded anew when others change the callback meanwhile. */
const RACES_MAX = 10;

export type DeliveryPorts = Pick<
  Ports,
  "callbacks" | "events" | "control" | "callbackSender" | "clock" | "chance" | "log"
>;

/** What the receiver answered; undefined when it was not asked. */
export async function deliverCallback(
  ports: DeliveryPorts,
  instance: string,
  callback: Callback,
): Promise<CallbackAnswer | undefined> {
  const { id, url, paymentId } = callback;
  if (waitsItsTurn(callback)) {
    const first = await ports.callbacks.firstPending(paymentId);
    if (first !== undefined && first.ordinal < callback.ordinal) {
      await wait(ports, callback, first);
      return undefined;
    }
  }
  if (await isStopped(ports, url)) {
    await endUntried(ports, callback);
    return undefined;
  }
  const event = await ports.events.get(id);
  if (event === undefined) throw new Error(`Cannot deliver ${id} as its event must be there: none`);
  const now = ports.clock.now();
  if (isUnderWay(callback, now)) return undefined;
  const claim = claimCallback(callback, instance, now);
  const claimed = await ports.callbacks.save(callback, claim);
  if (claimed.kind !== "saved" || !mayBegin(claimed.item, ports.clock.now())) return undefined;
  const answer = await ports.callbackSender.send({ url, eventId: id, body: event.body });
  await record(ports, claimed.item, answer);
  return answer;
}

/** Until the one before it is due. That one may have ended in between, without seeing this one wait. */
async function wait(ports: DeliveryPorts, callback: Callback, earlier: Callback): Promise<void> {
  const behind = queueBehind(callback, earlier, ports.clock.now());
  const saved = await ports.callbacks.save(callback, behind);
  if (saved.kind === "saved") await wakeNext(ports, callback.paymentId);
}

async function endUntried(ports: DeliveryPorts, callback: Callback): Promise<void> {
  const stopped = await ports.callbacks.save(callback, stopCallback(callback, ports.clock.now()));
  if (stopped.kind !== "saved") return;
  logTry(ports, stopped.item, { reason: stopped.item.deathReason });
  await wakeNext(ports, callback.paymentId);
}

async function record(
  ports: DeliveryPorts,
  claimed: Callback,
  answer: CallbackAnswer,
): Promise<void> {
  const after = await recordAnswer(ports, claimed, answer);
  const { ms } = answer;
  if (answer.kind === "answered") logTry(ports, after, { status: answer.httpStatus, ms });
  else logTry(ports, after, { reason: answer.reason, ms });
  if (saysGone(answer)) await stopUrl(ports, claimed.url);
  if (after.state !== "pending") await wakeNext(ports, claimed.paymentId);
}

/** A delivery counts although another instance has claimed it since; what else came is then its to say. */
async function recordAnswer(
  ports: DeliveryPorts,
  claimed: Callback,
  answer: CallbackAnswer,
): Promise<Callback> {
  let current = claimed;
  for (let race = 0; race < RACES_MAX; race++) {
    const after = applyCallbackAnswer(current, answer, ports.clock.now(), ports.chance());
    const saved = await ports.callbacks.save(current, after);
    if (saved.kind === "saved") return saved.item;
    const stored = await ports.callbacks.get(claimed.id);
    if (stored === undefined || stored.state !== "pending") return stored ?? after;
    if (!isDelivery(answer) && !isSameLease(stored, claimed)) return stored;
    current = { ...stored, lease: claimed.lease };
  }
  throw new Error(`Cannot record a try of ${claimed.id} as others keep changing it`);
}

function isSameLease({ lease }: Callback, claimed: Callback): boolean {
  return lease?.owner === claimed.lease?.owner && lease?.since === claimed.lease?.since;
}

/** The next one of the payment has its turn, if it waits for it; whoever else changed it has seen to that. */
async function wakeNext(ports: DeliveryPorts, paymentId: string): Promise<void> {
  const next = await ports.callbacks.firstPending(paymentId);
  if (next === undefined) return;
  const awake = takeTurn(next, ports.clock.now());
  if (awake !== next) await ports.callbacks.save(next, awake);
}

/** Never the URL: its path and query may hold secrets. */
function logTry(
  ports: DeliveryPorts,
  callback: Callback,
  came: { readonly status?: number; readonly reason?: string; readonly ms?: number },
): void {
  const { id, paymentId, host, tried, state } = callback;
  const level = state === "delivered" ? "info" : "warn";
  ports.log[level]("callback", { id, payment_id: paymentId, host, ...came, try: tried, state });
}
