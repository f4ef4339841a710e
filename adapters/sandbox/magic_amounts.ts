// The amounts whose kopecks steer what the sandbox does with a payment; the README shows this table.
import type { Status } from "./status.ts";

export interface Magic {
  readonly refusal?: { readonly status: number; readonly error: string };
  /** What follows `processing`; "processing" is for ever. */
  readonly endsAs?: Extract<Status, "processing" | "failed">;
  readonly slow?: true;
  readonly atOnce?: true;
}

export const notEnoughMoney = { status: 402, error: "Недостаточно средств на балансе" };

export const magicByKopecks: Readonly<Record<number, Magic>> = {
  1: { endsAs: "failed" },
  2: { endsAs: "processing" },
  3: { slow: true },
  4: { refusal: { status: 422, error: "Получатель не может принять выплату" } },
  5: { refusal: notEnoughMoney },
  6: { atOnce: true },
};

export function magicOf(amountMinor: number): Magic {
  return magicByKopecks[amountMinor % 100] ?? {};
}
