// One handle, one payment: as stored, as answered, and as paid by Konsol, over a restore of the store, too.

import type { Intent } from "./intent.ts";
import type { KonsolPayment } from "./provider_ledger.ts";
import { PAID_TWICE, type RawRecord } from "./record_rules.ts";

export interface HandleWorld {
  violate(text: string): void;
  record(paymentId: string): RawRecord | undefined;
  /** When a restore lost it; undefined = it was not lost. */
  lostAt(paymentId: string): number | undefined;
  /** Konsol's list lags by so much at most. */
  readonly listLagMs: number;
  readonly clocksOffMs: number;
}

export class HandleRules {
  readonly #world: HandleWorld;
  /** Whose each handle is, as clients were told. */
  readonly #told = new Map<string, string>();
  /** The handles of each payment that ever was, and what Konsol executed under each. */
  readonly #handlesOf = new Map<string, readonly string[]>();
  readonly #paid = new Map<string, readonly KonsolPayment[]>();
  /** A person resumed after a restore without Konsol's list. */
  isUnscanned = false;

  constructor(world: HandleWorld) {
    this.#world = world;
  }

  /** Only a key is ever bound later. */
  stored(before: RawRecord | undefined, { id, externalId, idempotencyKey }: RawRecord): void {
    if (before !== undefined && before.idempotencyKey === idempotencyKey) return;
    const handles = [externalId, idempotencyKey].filter((handle) => handle !== undefined);
    this.#handlesOf.set(id, handles);
  }

  inserted(record: RawRecord, records: readonly RawRecord[]): void {
    for (const field of ["idempotencyKey", "externalId"]) {
      const handle = record[field];
      const same = records.filter((other) => other[field] === handle);
      if (handle !== undefined && same.length > 1) {
        this.#world.violate(`two payments with ${handle}`);
      }
    }
  }

  /** A client was told that its wish is this payment. */
  acknowledged({ handles }: Intent, id: string): void {
    for (const handle of handles) {
      const known = this.#told.get(handle);
      if (known !== undefined && known !== id && this.#world.lostAt(known) === undefined) {
        this.#world.violate(`one handle, two payments: ${handle} -> ${known}, ${id}`);
      }
      this.#told.set(handle, id);
    }
  }

  /** A copy came back: a key that was bound after it was made is no handle of its payment any more. */
  restored(): void {
    for (const [handle, id] of this.#told) {
      const record = this.#world.record(id);
      const handles = [record?.idempotencyKey, record?.externalId];
      if (record !== undefined && !handles.includes(handle)) this.#told.delete(handle);
    }
  }

  /** What a restore lost and Konsol had shown by then is not paid again under its handles. */
  executed(payment: KonsolPayment): void {
    const { paymentId = "" } = payment;
    for (const handle of this.#handlesOf.get(paymentId) ?? []) {
      const paid = this.#paid.get(handle) ?? [];
      this.#paid.set(handle, [...paid, payment]);
      const first = paid.find((other) =>
        other.paymentId !== paymentId && this.#isShownSinceLost(other)
      );
      const byPerson = this.#world.record(paymentId)?.history
        .some(({ move }: RawRecord) => move === "T11");
      if (first === undefined || byPerson || this.isUnscanned) continue;
      this.#world.violate(
        `${PAID_TWICE}: ${handle} by ${first.id}, whose row was lost, and by ${payment.id}`,
      );
    }
  }

  #isShownSinceLost({ paymentId = "", createdAt }: KonsolPayment): boolean {
    const { listLagMs, clocksOffMs } = this.#world;
    const lostAt = this.#world.lostAt(paymentId) ?? -Infinity;
    return clocksOffMs === 0 && createdAt + listLagMs < lostAt;
  }
}
