// Builds events and callbacks for tests: valid, each with its own id, but where the test says so.

import { type Callback, newCallback } from "../../domain/callback.ts";
import type { NewEvent } from "../../domain/payment_news.ts";
import { aPaymentId, NOW } from "./payments.ts";

export const CALLBACK_URL = "https://shop.example/hooks/konsol?key=of-the-shop";

let made = 0;

/** Without a callback unless it is told where to. */
export function anEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  const id = overrides.id ?? `evt_01977000-0000-7000-8000-${String(++made).padStart(12, "0")}`;
  return {
    id,
    type: "payment.created",
    paymentId: aPaymentId(),
    ordinal: 1,
    createdAt: NOW,
    body: JSON.stringify({ id, type: "payment.created", data: { description: "Платёж №1" } }),
    ...overrides,
  };
}

export function aCallback(overrides: Partial<Callback> = {}): Callback {
  const { createdAt = NOW, url = CALLBACK_URL } = overrides;
  return { ...newCallback(anEvent({ createdAt }), url), ...overrides };
}
