// Bounds how fast a stored card or phone can be guessed: the answer to a repeat tells whether its number is the right one.

import { Refusal } from "../domain/refusal.ts";
import type { Ports } from "./ports.ts";

/** Of one payment, in one process; an honest client has hardly one. */
const WRONG_MAX = 10;
const WINDOW_MS = 60 * 60_000;

export interface RecipientGuesses {
  /** Throws while too many repeats of the payment named another number: the right one is not told then, either. */
  assertFew(paymentId: string): void;
  /** Counts a repeat that named another number. */
  count(paymentId: string): void;
}

export function createRecipientGuesses(
  { clock, log }: Pick<Ports, "clock" | "log">,
): RecipientGuesses {
  /** Oldest first. */
  const windows = new Map<string, { readonly endsAt: number; wrong: number }>();

  function forgetEnded(): void {
    const now = clock.monotonic();
    for (const [paymentId, { endsAt }] of windows) {
      if (endsAt > now) return;
      windows.delete(paymentId);
    }
  }

  return {
    assertFew(paymentId) {
      forgetEnded();
      const window = windows.get(paymentId);
      if (window === undefined || window.wrong < WRONG_MAX) return;
      throw new Refusal(
        "too_many_repeats_differ",
        `Cannot compare the request with payment ${paymentId} as ${WRONG_MAX} repeats of it named ` +
          "another recipient: come again later",
        { retryAfterMs: window.endsAt - clock.monotonic() },
      );
    },
    count(paymentId) {
      const window = windows.get(paymentId) ?? { endsAt: clock.monotonic() + WINDOW_MS, wrong: 0 };
      windows.set(paymentId, window);
      if (++window.wrong !== WRONG_MAX) return;
      log.error("alarm", { alarm: "recipient_is_being_guessed", payment_id: paymentId });
    },
  };
}
