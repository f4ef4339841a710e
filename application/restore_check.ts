// After a restore: finds Konsol's payments of ours that the store lacks, and keeps sending from starting unlooked-at.

import type { Payment } from "../domain/payment.ts";
import { konsolExternalId, type ProviderPayment } from "../domain/provider_payment.ts";
import type { Recipient } from "../domain/recipient.ts";
import { Refusal } from "../domain/refusal.ts";
import { whyNotWhole } from "../domain/scan.ts";
import type { Ports } from "./ports.ts";
import type { Scanner } from "./scanner.ts";

/** One that Konsol has and the store lacks. `externalId` is how a client may ask for it a second time. */
export type LackingPayment =
  & Pick<
    ProviderPayment,
    | "konsolId"
    | "paymentId"
    | "externalId"
    | "amountMinor"
    | "currency"
    | "statusText"
    | "createdAt"
  >
  & {
    /** The last four digits of whom it was paid to: enough to know a repeat by. */
    readonly recipientEnd?: string;
  };

/** Kept durably from the restore on; times are epoch milliseconds. */
export interface RestoreCheck {
  readonly restoredAt: number;
  /** What was lost is not older: the newest payment that came back. Absent = none came back. */
  readonly newestAt?: number;
  /** When the list was known to be read whole; until then `reason` says why not. */
  readonly checkedAt?: number;
  readonly reason?: string;
  readonly lacking: readonly LackingPayment[];
  /** A person has seen it and resumed. */
  readonly acceptedAt?: number;
}

/** What the person who resumes says of it: how many lacking payments they looked at, or that they had no list. */
export interface RestoreAcceptance {
  readonly lackingPayments?: number;
  readonly unscanned?: true;
}

type CheckPorts = Pick<Ports, "payments" | "control" | "clock" | "log">;

const KEY = "restore_check";
const RACES_MAX = 10;
/** How the ids of our payments begin. */
const OUR_ID = "pay_";
/** So long after a restore a client may still repeat what it never heard the end of. */
const REPEATS_MS = 3 * 24 * 60 * 60_000;
/** Clocks that were set back, and the time between a payment and its neighbours. */
const MARGIN_MS = 60 * 60_000;

/** Begins anew with each restore; what an earlier one found stays known. */
export async function beginRestoreCheck(ports: CheckPorts): Promise<void> {
  const newest = await ports.payments.list({}, { perPage: 1, page: 1 });
  const restoredAt = ports.clock.now();
  await changeCheck(ports, (before) => ({
    restoredAt,
    newestAt: newest.items[0]?.createdAt,
    reason: "Konsol's list was not read yet",
    lacking: before?.lacking ?? [],
  }));
}

export async function readRestoreCheck(
  ports: Pick<Ports, "control">,
): Promise<RestoreCheck | undefined> {
  return (await ports.control.get<RestoreCheck>(KEY))?.value;
}

/** Reads Konsol's list once more; the check as it is afterwards. Each payment that is lacking raises the alarm. */
export async function continueRestoreCheck(
  ports: CheckPorts,
  scanner: Scanner,
  check: RestoreCheck,
): Promise<RestoreCheck> {
  const since = (check.newestAt ?? -Infinity) - MARGIN_MS;
  const scans = await scanner.latest(since);
  const found = scans === undefined ? [] : await lackingOf(ports, scans.scan.rows);
  const reason = scans === undefined ? "Konsol could not be asked" : whyNotWhole(scans, since);
  const known = new Set(check.lacking.map(({ konsolId }) => konsolId));
  const news = found.filter(({ konsolId }) => !known.has(konsolId));
  if (news.length === 0 && reason === check.reason) return check;
  for (const { konsolId, paymentId } of news) {
    const alarm = "konsol_payment_without_row";
    ports.log.error("alarm", { alarm, payment_id: paymentId, konsol_id: konsolId });
  }
  const now = ports.clock.now();
  return await changeCheck(ports, (before = check) => ({
    ...before,
    lacking: [
      ...new Map([...before.lacking, ...found].map((one) => [one.konsolId, one])).values(),
    ],
    reason,
    ...(reason === undefined && { checkedAt: now }),
  }));
}

/** Refuses until the list was read whole and the person names how many lacking payments they looked at. */
export async function acceptRestoreCheck(
  ports: CheckPorts,
  { lackingPayments, unscanned }: RestoreAcceptance,
): Promise<void> {
  const check = await readRestoreCheck(ports);
  if (check === undefined || check.acceptedAt !== undefined) return;
  if (check.checkedAt === undefined && !unscanned) {
    throw new Refusal(
      "restore_not_checked",
      `Cannot resume as the store came back from a backup and Konsol's list was not read whole ` +
        `since, twice: ${check.reason}; where that cannot be had, compare Konsol's cabinet with ` +
        "the payments here, then send unscanned: true",
      { retryAfterMs: 60_000 },
    );
  }
  const { length } = check.lacking;
  if (length > 0 && lackingPayments !== length) {
    throw new Refusal(
      "restore_lacks_payments",
      `Cannot resume as Konsol has payments of ours that the restored store lacks: look at each ` +
        `(GET /konsol/submission), then send lacking_payments: ${length}`,
    );
  }
  const acceptedAt = ports.clock.now();
  await changeCheck(ports, (before = check) => ({ ...before, acceptedAt }));
}

/**
 * Why it may be paid already: Konsol has one under its handle, or one that it may be a repeat of, whose
 * row was lost. A person may know better.
 */
export function whyMaybePaid(
  payment: Payment,
  check: RestoreCheck | undefined,
): string | undefined {
  if (payment.history.some(({ move }) => move === "T11")) return undefined;
  const handle = konsolExternalId(payment);
  const paid = check?.lacking.find(({ externalId }) => externalId === handle);
  if (paid) {
    return `Konsol's ${paid.konsolId} has its external_id, and its row was lost in a restore`;
  }
  const alike = check?.lacking.find((one) => mayBeRepeated(payment, one, check.restoredAt));
  return alike &&
    `it may be a repeat of Konsol's ${alike.konsolId}, whose row was lost in a restore`;
}

/** What this one, which was never sent, may be: the lost payments of its handle, and those it may repeat. */
export function lostPaymentsOf(
  payment: Payment,
  check: RestoreCheck | undefined,
): readonly LackingPayment[] {
  if (check === undefined || payment.firstClaimedAt !== undefined) return [];
  const handle = konsolExternalId(payment);
  return check.lacking.filter((one) =>
    one.externalId === handle || mayBeRepeated(payment, one, check.restoredAt)
  );
}

/** An Idempotency-Key alone was lost with the row: Konsol never had it. What is left to know a repeat by is this. */
function mayBeRepeated(payment: Payment, lost: LackingPayment, restoredAt: number): boolean {
  const { recipientEnd } = lost;
  if (payment.externalId !== undefined || !isKnownByOurId(lost)) return false;
  const since = payment.createdAt - restoredAt;
  if (since < 0 || since > REPEATS_MS) return false;
  const fits = <T>(said: T | undefined, ours: T) => said === undefined || said === ours;
  return fits(lost.amountMinor, payment.amountMinor) && fits(lost.currency, payment.currency) &&
    fits(recipientEnd, endOf(payment.recipient));
}

/** A client that names its payments repeats them by that name; our id stays one, whatever the cabinet made of it. */
function isKnownByOurId({ paymentId, externalId = paymentId }: LackingPayment): boolean {
  return externalId !== undefined && (externalId === paymentId || externalId.startsWith(OUR_ID));
}

function endOf(recipient: Recipient): string {
  return recipient.kind === "card" ? recipient.last4 : recipient.phoneNumber.slice(-4);
}

async function lackingOf(
  ports: CheckPorts,
  rows: readonly ProviderPayment[],
): Promise<readonly LackingPayment[]> {
  const lacking: LackingPayment[] = [];
  for (const row of rows) {
    if (!await hasRow(ports, row)) lacking.push(factsOf(row));
  }
  return lacking;
}

/** Without the recipient but for its end: this is kept. */
function factsOf(row: ProviderPayment): LackingPayment {
  const { konsolId, paymentId, externalId, amountMinor, currency, statusText, createdAt } = row;
  const recipientEnd = row.recipient?.last4 ?? row.recipient?.phoneNumber?.slice(-4);
  return {
    ...{ konsolId, paymentId, externalId, amountMinor, currency, statusText, createdAt },
    recipientEnd,
  };
}

/** One that carries no reference at all is none of ours. */
async function hasRow(
  { payments }: CheckPorts,
  { paymentId, externalId, konsolId }: ProviderPayment,
): Promise<boolean> {
  if (paymentId !== undefined) return await payments.get(paymentId) !== undefined;
  if (externalId === undefined) return true;
  const row = await payments.getByExternalId(externalId) ?? await payments.get(externalId) ??
    await payments.getByKonsolId(konsolId);
  return row !== undefined;
}

async function changeCheck(
  ports: CheckPorts,
  change: (before: RestoreCheck | undefined) => RestoreCheck,
): Promise<RestoreCheck> {
  for (let race = 0; race < RACES_MAX; race++) {
    const before = await ports.control.get<RestoreCheck>(KEY);
    const after = change(before?.value);
    if (await ports.control.put(KEY, before?.version, after)) return after;
  }
  throw new Error("Cannot record the check after a restore as others keep changing it");
}
