// Reads Konsol's list of payments whole, with overlapping pages, so that what is missing in it is really missing.

import { CLOCK_SKEW_MS, type ProviderPayment } from "../domain/provider_payment.ts";
import { type Scan, SCANS_APART_MS } from "../domain/scan.ts";
import type { Ports } from "./ports.ts";

const PER_PAGE_MAX = 100;
const PAGES_MAX = 60;
/** Our own payments that are looked up to tell how far the list has come. */
const LOOKUPS_MAX = 20;
/** Complete scans that are remembered to confirm a later one, the newest first. */
const SCANS_KEPT = 5;
/**
 * Rows, each strictly older than the one before, that show the list to be in order: a few may be so by
 * chance, and what a list in another order holds further on would be taken for absent.
 */
const DESCENTS_MIN = 50;
/** Of fewer rows no page is smaller that begins with the last of them and could hold one more. */
const REREAD_MIN = 3;
/** Scans go back to a full hour, so that the doubts of one outage share one. */
const BACK_TO_MS = 60 * 60_000;

type ScanPorts = Pick<Ports, "gateway" | "clock" | "payments" | "log">;

export interface Scans {
  readonly scan: Scan;
  /** A scan that ended at least a minute before this one began. */
  readonly earlier?: Scan;
}

export interface Scanner {
  /**
   * A scan that goes back to `from` (epoch ms), at most a minute old, shared by all who ask meanwhile;
   * undefined when Konsol could not be asked.
   */
  latest(from: number): Promise<Scans | undefined>;
}

export function createScanner(ports: ScanPorts): Scanner {
  let last: Scans | undefined;
  let complete: readonly Scan[] = [];
  let running: { readonly from: number; readonly scans: Promise<Scans | undefined> } | undefined;

  async function run(from: number): Promise<Scans | undefined> {
    const scan = await readList(ports, from);
    if (scan === undefined) return undefined;
    const apart = complete.filter((known) => isApart(known, scan));
    last = { scan, earlier: apart.find((known) => known.from <= scan.from) ?? apart[0] };
    // Many within a minute must not push out those that confirm: only one that goes back further stays.
    const others = complete.filter((known) => isApart(known, scan) || known.from < scan.from);
    if (scan.complete) complete = [scan, ...others].slice(0, SCANS_KEPT);
    return last;
  }

  async function latest(wanted: number): Promise<Scans | undefined> {
    const from = Math.floor(wanted / BACK_TO_MS) * BACK_TO_MS;
    if (last !== undefined && isFresh(last.scan, ports.clock.now()) && last.scan.from <= from) {
      return last;
    }
    if (running !== undefined && running.from <= from) return await running.scans;
    const mine = { from, scans: run(from) };
    running = mine;
    try {
      return await mine.scans;
    } finally {
      if (running === mine) running = undefined;
    }
  }

  return { latest };
}

function isApart(known: Scan, scan: Scan): boolean {
  return scan.startedAt - known.finishedAt >= SCANS_APART_MS;
}

/** A clock that was set back makes no scan fresh for ever. */
function isFresh(scan: Scan, now: number): boolean {
  return now >= scan.startedAt && now - scan.startedAt < SCANS_APART_MS;
}

async function readList(ports: ScanPorts, from: number): Promise<Scan | undefined> {
  const startedAt = ports.clock.now();
  const rows = new Map<string, ProviderPayment>();
  const reading = {
    lastId: undefined as string | undefined,
    lastAt: Infinity,
    descending: true,
    descents: 0,
  };
  const done = async (complete: boolean, more: { gap?: string; from: number }) => ({
    startedAt,
    finishedAt: ports.clock.now(),
    complete,
    rows: [...rows.values()],
    shownUpTo: await shownUpTo(ports, [...rows.values()]),
    ...more,
  });
  let next = { page: 1, perPage: PER_PAGE_MAX };
  for (let read = 0; read < PAGES_MAX; read++) {
    const listed = await ports.gateway.listPayments(next);
    if (listed.kind === "unavailable") return undefined;
    if (listed.unreadable > 0) return await done(false, { gap: "a row cannot be read", from });
    if (listed.payments.length === 0) {
      const ends = await endsWith(ports, reading.lastId, read === 1 ? rows.size : 0);
      if (ends === undefined) return undefined;
      if (ends) return await done(true, { from: -Infinity });
      return await done(false, { gap: "its end moved, or its pages are cut shorter", from });
    }
    const overlaps = listed.payments.some(({ konsolId }) => konsolId === reading.lastId);
    if (read > 0 && !overlaps) return await done(false, { gap: "pages do not overlap", from });
    for (const row of listed.payments) note(reading, rows, row);
    const isInOrder = reading.descending && reading.descents >= DESCENTS_MIN;
    if (isInOrder && reading.lastAt < from - CLOCK_SKEW_MS) {
      return await done(true, { from });
    }
    next = pageAfter(next.page * next.perPage);
  }
  return await done(false, { gap: `it has more than ${PAGES_MAX} pages`, from });
}

/**
 * Pages may be cut shorter than asked for, and each may come from another copy of the list: of one that came
 * short, a page of its own must begin with the last row and end with it. Undefined = Konsol could not be asked.
 */
async function endsWith(
  ports: ScanPorts,
  lastId: string | undefined,
  count: number,
): Promise<boolean | undefined> {
  if (count < REREAD_MIN) return true;
  const listed = await ports.gateway.listPayments({ page: 2, perPage: count - 1 });
  if (listed.kind === "unavailable") return undefined;
  const [last, ...more] = listed.payments;
  return last?.konsolId === lastId && more.length === 0 && listed.unreadable === 0;
}

/** The page that begins before row `end`, so that it overlaps what was read, and ends furthest after it. */
function pageAfter(end: number): { readonly page: number; readonly perPage: number } {
  let best = { page: 1, perPage: end };
  for (let perPage = PER_PAGE_MAX; perPage > 1; perPage--) {
    const page = Math.ceil(end / perPage);
    const overlaps = end % perPage !== 0;
    if (overlaps && page * perPage > best.page * best.perPage) best = { page, perPage };
  }
  return best;
}

/** A row seen before moved down the list meanwhile: it says nothing of the order. */
function note(
  reading: { lastId: string | undefined; lastAt: number; descending: boolean; descents: number },
  rows: Map<string, ProviderPayment>,
  row: ProviderPayment,
): void {
  const seen = rows.has(row.konsolId);
  rows.set(row.konsolId, row);
  reading.lastId = row.konsolId;
  if (seen) return;
  reading.descending &&= row.createdAt !== undefined && row.createdAt <= reading.lastAt;
  if (row.createdAt !== undefined && row.createdAt < reading.lastAt) reading.descents++;
  reading.lastAt = row.createdAt ?? reading.lastAt;
}

/** By our clock, and not past Konsol's: one of the two that is days ahead does not make the list newer. */
async function shownUpTo(ports: ScanPorts, rows: readonly ProviderPayment[]): Promise<number> {
  let latest = -Infinity;
  const named = rows.filter(({ paymentId }) => paymentId !== undefined)
    .sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0)).slice(0, LOOKUPS_MAX);
  for (const { paymentId = "", konsolId, createdAt = Infinity } of named) {
    const payment = await ports.payments.get(paymentId);
    if (payment === undefined) {
      const alarm = "konsol_payment_without_row";
      ports.log.error("alarm", { alarm, payment_id: paymentId, konsol_id: konsolId });
      continue;
    }
    latest = Math.max(
      latest,
      Math.min(payment.firstClaimedAt ?? -Infinity, createdAt + CLOCK_SKEW_MS),
    );
  }
  return latest;
}
