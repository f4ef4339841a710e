// The rig's application with callbacks put into its store as if payments had made them.

import { openRig, type Rig, type RigOptions } from "./application_rig.ts";
import type { Callback } from "../../domain/callback.ts";
import type { NewEvent } from "../../domain/payment_news.ts";
import { anEvent, CALLBACK_URL } from "./callbacks.ts";
import { aPayment } from "./payments.ts";

export type CallbackRig = Rig & {
  /** A callback of a payment of its own, due now, unless `event` says otherwise. */
  told(event?: Partial<NewEvent>): Promise<Callback>;
  callback(id: string): Promise<Callback>;
};

export function openCallbackRig(options: RigOptions = {}): CallbackRig {
  const rig = openRig(options);
  const { payments, callbacks } = rig.stores;

  async function callback(id: string): Promise<Callback> {
    const stored = await callbacks.get(id);
    if (stored === undefined) throw new Error(`Cannot find callback ${id} in the store`);
    return stored;
  }

  async function told(overrides: Partial<NewEvent> = {}): Promise<Callback> {
    const createdAt = rig.clock.now();
    const event = anEvent({ createdAt, callbackUrl: CALLBACK_URL, ...overrides });
    const known = await payments.get(event.paymentId);
    if (known === undefined) {
      // Ended, so that nothing but its callbacks is due.
      const ended = { submission: "settled", status: "completed", dueAt: undefined } as const;
      await payments.insertOrGet(aPayment({ id: event.paymentId, ...ended }), [event]);
    } else await payments.save(known, known, [event]);
    return await callback(event.id);
  }

  return { ...rig, told, callback };
}

export async function withDeliveries(
  test: (rig: CallbackRig) => Promise<void>,
  options: RigOptions = {},
): Promise<void> {
  const rig = openCallbackRig(options);
  rig.workers.start();
  try {
    await test(rig);
  } finally {
    rig.callbackSender.holding.clear();
    rig.callbackSender.holds.release();
    await rig.workers.stop();
  }
}
