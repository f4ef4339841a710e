// What clients want paid: cards and phones, each with a handle, drawn from a seed.

import type { SeededRandom } from "../simulation/seeded_random.ts";

export interface Order {
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly amount: number;
  readonly externalId?: string;
  /** As it is shown: the card masked, the phone whole. */
  readonly recipient:
    | { readonly card_number: string }
    | { readonly phone_number: string; readonly bank: string };
}

const CARDS = ["2202200000000065", "4111111111111111", "5555555555554444"];
const BANKS = ["Сбербанк", "Т-Банк", "ВТБ"];
/** By their kopecks the sandbox: fails, stays processing, answers late, refuses (twice), ends at once. */
const MAGIC_KOPECKS = { ".01": 3, ".02": 2, ".03": 3, ".04": 3, ".05": 3, ".06": 6 };
const PLAIN_SHARE = 0.75;
/** Answered as soon as it is stored. */
const ASYNC_SHARE = 0.5;

export function drawOrder(random: SeededRandom, name: string): Order {
  const isCard = random.chance(0.5);
  const card = random.pick(CARDS);
  const phone = `+79${String(random.between(0, 999_999_999)).padStart(9, "0")}`;
  const amount = drawAmount(random);
  const handle = random.pick(["external_id", "idempotency_key", "both"] as const);
  const externalId = handle === "idempotency_key" ? undefined : name;
  const bank = isCard ? "" : random.pick(BANKS);
  const to = isCard
    ? { payment_type: "card_payment", card_number: card }
    : { payment_type: "phone_payment", phone_number: phone, bank };
  return {
    name,
    amount,
    externalId,
    body: {
      amount,
      currency: "RUB",
      description: "Оплата услуг",
      ...to,
      ...(externalId !== undefined && { external_id: externalId }),
    },
    headers: {
      ...(handle !== "external_id" && { "idempotency-key": name }),
      ...(random.chance(ASYNC_SHARE) && { prefer: "respond-async" }),
    },
    recipient: isCard
      ? { card_number: card.slice(0, 6) + "******" + card.slice(-4) }
      : { phone_number: phone, bank },
  };
}

function drawAmount(random: SeededRandom): number {
  const roubles = random.between(10, 999);
  if (!random.chance(PLAIN_SHARE)) return Number(roubles + random.weighted(MAGIC_KOPECKS));
  return roubles + random.between(10, 99) / 100;
}
