// Laws of application/scanner.ts: when a list of Konsol's counts as read whole, and how often it is read.

import assert from "node:assert/strict";
import type { Listed, PaymentGateway, Unavailable } from "../../application/provider_ports.ts";
import { createScanner, type Scanner, type Scans } from "../../application/scanner.ts";
import { CLOCK_SKEW_MS, type ProviderPayment } from "../../domain/provider_payment.ts";
import { SCANS_APART_MS } from "../../domain/scan.ts";
import { openRig, type Rig } from "../support/application_rig.ts";
import { settle } from "../support/fake_clock.ts";
import { alarmsOf, witness } from "../support/instances.ts";
import { claimed, DAY, HOUR, MINUTE, NOW, queued } from "../support/payment_states.ts";

/** Row `n` of Konsol's list, created so many minutes ago; no payment of ours. */
function row(n: number, createdAt: number | undefined = NOW - n * MINUTE): ProviderPayment {
  return { konsolId: `konsol_${n}`, status: "completed", statusText: "completed", createdAt };
}

function rows(count: number): ProviderPayment[] {
  return Array.from({ length: count }, (_, n) => row(n));
}

type ListOf = PaymentGateway["listPayments"];

/** Konsol's answer to a page of these, newest first as they stand. */
function pageOf(
  all: readonly ProviderPayment[],
  { page, perPage }: Parameters<ListOf>[0],
): Listed {
  const payments = all.slice((page - 1) * perPage, page * perPage);
  return { kind: "listed", payments, unreadable: 0 };
}

/** A scanner over a list that this function gives, and the pages that it asked for. */
function scannerOf(rig: Rig, list: ListOf) {
  const pages: Parameters<ListOf>[0][] = [];
  const listPayments: ListOf = (request) => {
    pages.push(request);
    return list(request);
  };
  const gateway = { ...rig.gateway, listPayments } as unknown as PaymentGateway;
  return { scanner: createScanner({ ...rig.ports, gateway }), pages };
}

async function scansOf(scanner: Scanner, from = NOW): Promise<Scans> {
  return await scanner.latest(from) ?? assert.fail("Konsol could not be asked");
}

/** One scan of these rows that goes back to `from`. */
async function scanOf(all: readonly ProviderPayment[], from = NOW - 365 * DAY) {
  const { scanner, pages } = scannerOf(
    openRig(),
    (request) => Promise.resolve(pageOf(all, request)),
  );
  const { scan } = await scansOf(scanner, from);
  return { scan, pages };
}

function isWhole(all: readonly ProviderPayment[], read: readonly ProviderPayment[]): boolean {
  const ids = new Set(read.map(({ konsolId }) => konsolId));
  return all.every(({ konsolId }) => ids.has(konsolId));
}

Deno.test("latest() reads a list of any length whole, to the empty page", async () => {
  for (const count of [0, 1, 99, 100, 101, 198, 199, 1_000, 2_549, 2_550, 2_551, 5_000]) {
    const { scan } = await scanOf(rows(count));
    assert.deepEqual([scan.complete, scan.rows.length, scan.from], [true, count, -Infinity]);
  }
});

Deno.test("latest() begins each page before the last one ended, and asks for 100 rows at most", async () => {
  const { pages } = await scanOf(rows(5_000));
  let end = 1;
  for (const { page, perPage } of pages) {
    assert.ok((page - 1) * perPage < end && page * perPage > end, `${page} of ${perPage}`);
    assert.ok(perPage <= 100);
    end = page * perPage;
  }
});

Deno.test("latest() takes a short page for no end: only an empty one is", async () => {
  const all = rows(300);
  const { scanner, pages } = scannerOf(openRig(), (request) => {
    const listed = pageOf(all, request);
    return Promise.resolve({ ...listed, payments: listed.payments.slice(0, 60) });
  });
  const { scan } = await scansOf(scanner, NOW - 365 * DAY);
  assert.deepEqual([scan.complete, scan.gap, pages.length], [false, "pages do not overlap", 2]);
});

Deno.test("latest() reads on past a short page whose follower still overlaps it", async () => {
  const all = rows(150);
  let asked = 0;
  const { scanner } = scannerOf(openRig(), (request) => {
    const listed = pageOf(all, request);
    const short = asked++ === 0 ? listed.payments.toSpliced(3, 90) : listed.payments;
    return Promise.resolve({ ...listed, payments: short });
  });
  const { scan } = await scansOf(scanner, NOW - 365 * DAY);
  assert.ok(scan.rows.some(({ konsolId }) => konsolId === "konsol_149"));
});

Deno.test("latest() stops at a row that is older than what it was asked for, by more than the skew", async () => {
  const { scan, pages } = await scanOf(rows(1_000), NOW);
  assert.deepEqual([scan.complete, scan.from, pages.length], [true, NOW, 1]);
});

Deno.test("latest() takes a few rows in order for no ordered list: what is further on might be ours", async () => {
  const from = NOW - HOUR;
  const old = Array.from({ length: 40 }, (_, n) => row(100 + n, from - (n + 2) * HOUR));
  const { scan } = await scanOf([row(0), ...old, row(1)], from);
  assert.deepEqual([scan.complete, scan.from, scan.rows.length], [true, -Infinity, 42]);
  const capped = scannerOf(openRig(), (request) => {
    const perPage = Math.min(request.perPage, 3);
    return Promise.resolve(pageOf([row(0), ...old.slice(0, 2), row(1)], { ...request, perPage }));
  });
  assert.equal((await scansOf(capped.scanner, from)).scan.complete, false);
});

Deno.test("latest() does not stop at a row that the two clocks may disagree about", async () => {
  const edge = [row(0, NOW), row(1, NOW - CLOCK_SKEW_MS)];
  const { scan, pages } = await scanOf(edge, NOW);
  assert.deepEqual([scan.from, pages.length], [-Infinity, 2]);
});

Deno.test("latest() goes back to the full hour, so that the doubts of one outage share a scan", async () => {
  const { scan } = await scanOf(rows(1_000), NOW - HOUR + 1);
  assert.equal(scan.from, NOW - HOUR);
});

for (
  const [what, list] of [
    ["does not descend", rows(250).toReversed()],
    ["does not say when a row was created", rows(250).with(5, { ...row(5), createdAt: undefined })],
    ["descends but for one row", rows(250).with(5, row(5, NOW + MINUTE))],
  ] as const
) {
  Deno.test(`latest() reads to the empty page where the order ${what}`, async () => {
    const { scan } = await scanOf(list, NOW);
    assert.deepEqual([scan.complete, scan.from, scan.rows.length], [true, -Infinity, 250]);
  });
}

Deno.test("latest() stops early although rows moved down while it read: they say nothing of the order", async () => {
  const { scanner, pages } = scannerOf(openRig(), (request) => {
    const fresh = pages.length > 1 ? [row(-1), row(-2)] : [];
    return Promise.resolve(pageOf([...fresh, ...rows(1_000)], request));
  });
  const { scan } = await scansOf(scanner, NOW - 2 * HOUR);
  assert.deepEqual([scan.complete, pages.length], [true, 2]);
  assert.ok(isWhole(rows(120), scan.rows));
});

Deno.test("latest() sees a gap where a row vanished between two pages", async () => {
  const { scanner, pages } = scannerOf(openRig(), (request) => {
    const all = pages.length > 1 ? rows(300).slice(1) : rows(300);
    return Promise.resolve(pageOf(all, request));
  });
  const { scan } = await scansOf(scanner, NOW - 365 * DAY);
  assert.deepEqual([scan.complete, scan.gap], [false, "pages do not overlap"]);
});

Deno.test("latest() is not complete with a row that cannot be read: it might be ours", async () => {
  const rig = openRig();
  await witness(rig);
  rig.gateway.next.list.push("unreadable_row");
  const { scan } = await scansOf(createScanner(rig.ports));
  assert.deepEqual([scan.complete, scan.gap], [false, "a row cannot be read"]);
});

Deno.test("latest() reads so many pages and no more", async () => {
  const { scan, pages } = await scanOf(rows(10_000));
  assert.deepEqual([scan.complete, scan.gap], [false, "it has more than 60 pages"]);
  assert.equal(pages.length, 60);
});

/** Konsol cuts its pages to 4 rows, and answers each from the next of these copies of its list. */
async function scanOfCopies(copies: readonly (readonly ProviderPayment[] | Unavailable)[]) {
  const left = [...copies];
  const { scanner, pages } = scannerOf(openRig(), ({ page, perPage }) => {
    const copy = left.shift() ?? [];
    if ("kind" in copy) return Promise.resolve(copy);
    return Promise.resolve(pageOf(copy, { page, perPage: Math.min(perPage, 4) }));
  });
  return { scans: await scanner.latest(NOW), pages };
}

Deno.test("latest() takes an empty page for no end unless the last row is the last of a page of its own", async () => {
  const fresh = rows(6);
  const old = fresh.slice(2);
  const whole = rows(4);
  for (
    const [copies, complete] of [
      [[fresh, old, fresh], false],
      [[fresh, old, old], false],
      [[fresh, old, []], false],
      [[whole, whole, whole], true],
      [[rows(2), rows(2)], true],
    ] as const
  ) {
    const { scans, pages } = await scanOfCopies(copies);
    assert.deepEqual([scans?.scan.complete, pages.length], [complete, copies.length]);
  }
});

Deno.test("latest() sees no end where a row that cannot be read follows the last one", async () => {
  const all = rows(4);
  const { scanner, pages } = scannerOf(openRig(), (request) => {
    const unreadable = request.perPage === all.length - 1 ? 1 : 0;
    return Promise.resolve({ ...pageOf(all, request), unreadable });
  });
  assert.deepEqual([(await scansOf(scanner)).scan.complete, pages.length], [false, 3]);
});

Deno.test("latest() is nothing when Konsol stops answering at the end", async () => {
  const away = { kind: "unavailable", reason: "timeout" } as const;
  assert.equal((await scanOfCopies([rows(4), rows(4), away])).scans, undefined);
});

Deno.test("latest() is nothing when Konsol could not be asked, and asks anew the next time", async () => {
  const rig = openRig();
  rig.gateway.next.list.push("timeout");
  const scanner = createScanner(rig.ports);
  assert.equal(await scanner.latest(NOW), undefined);
  assert.equal((await scansOf(scanner)).scan.complete, true);
});

Deno.test("latest() is nothing when Konsol stops answering half way", async () => {
  const { scanner } = scannerOf(
    openRig(),
    (request): Promise<Listed | Unavailable> =>
      Promise.resolve(
        request.page > 1
          ? { kind: "unavailable", reason: "timeout" }
          : pageOf(rows(1_000), request),
      ),
  );
  assert.equal(await scanner.latest(NOW - 365 * DAY), undefined);
});

Deno.test("latest() is shared by all who ask while it is read", async () => {
  const rig = openRig();
  const { promise, resolve } = Promise.withResolvers<void>();
  const { scanner, pages } = scannerOf(rig, async (request) => {
    await promise;
    return pageOf([], request);
  });
  const asked = Array.from({ length: 16 }, (_, n) => scanner.latest(NOW + n * HOUR));
  await settle();
  resolve();
  const [first, ...others] = await Promise.all(asked);
  assert.ok(others.every((scans) => scans === first));
  assert.equal(pages.length, 1);
});

Deno.test("latest() reads anew for who asks further back, beside the one that is read", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { scanner, pages } = scannerOf(openRig(), async (request) => {
    await promise;
    return pageOf(rows(1_000), request);
  });
  const [near, far] = [scanner.latest(NOW), scanner.latest(NOW - 2 * DAY)];
  await settle();
  resolve();
  assert.equal((await near)?.scan.from, NOW);
  assert.ok(((await far)?.scan.from ?? NOW) <= NOW - 2 * DAY);
  assert.ok(pages.length > 2);
});

Deno.test("latest() reads at most once a minute", async () => {
  const rig = openRig();
  const scanner = createScanner(rig.ports);
  const first = await scansOf(scanner);
  await rig.clock.advance(SCANS_APART_MS - 1);
  assert.equal(await scansOf(scanner, NOW + HOUR), first);
  await rig.clock.advance(1);
  assert.notEqual(await scansOf(scanner), first);
});

Deno.test("latest() reads anew for a clock that was set back", async () => {
  const rig = openRig();
  const scanner = createScanner(rig.ports);
  const first = await scansOf(scanner);
  rig.clock.jump(-HOUR);
  assert.notEqual(await scansOf(scanner, NOW - DAY), first);
});

Deno.test("latest() gives with a scan the newest complete one that ended a minute before it", async () => {
  const rig = openRig();
  const scanner = createScanner(rig.ports);
  const first = await scansOf(scanner);
  await rig.clock.advance(SCANS_APART_MS);
  const second = await scansOf(scanner);
  await rig.clock.advance(SCANS_APART_MS);
  const third = await scansOf(scanner);
  assert.deepEqual([first.earlier, second.earlier, third.earlier], [
    undefined,
    first.scan,
    second.scan,
  ]);
});

Deno.test("latest() remembers no scan with a gap to confirm another", async () => {
  const rig = openRig();
  const scanner = createScanner(rig.ports);
  rig.gateway.next.list.push("unreadable_row");
  await scansOf(scanner);
  await rig.clock.advance(SCANS_APART_MS);
  assert.equal((await scansOf(scanner)).earlier, undefined);
});

Deno.test("latest() keeps the scan that confirms, however many go further back within a minute", async () => {
  const rig = openRig();
  const all = rows(2_000);
  const { scanner } = scannerOf(rig, (request) => Promise.resolve(pageOf(all, request)));
  const farthest = NOW - 10 * HOUR;
  const first = await scansOf(scanner, farthest);
  await rig.clock.advance(SCANS_APART_MS);
  for (let hours = 0; hours < 10; hours++) await scansOf(scanner, NOW - hours * HOUR);
  const last = await scansOf(scanner, farthest);
  assert.equal(last.earlier, first.scan);
});

Deno.test("latest() prefers an earlier scan that went back as far", async () => {
  const rig = openRig();
  const { scanner } = scannerOf(rig, (request) => Promise.resolve(pageOf(rows(2_000), request)));
  const far = await scansOf(scanner, NOW - 10 * HOUR);
  await rig.clock.advance(SCANS_APART_MS);
  await scansOf(scanner, NOW);
  await rig.clock.advance(SCANS_APART_MS);
  assert.equal((await scansOf(scanner, NOW - 10 * HOUR)).earlier, far.scan);
});

Deno.test("latest() tells how far the list has come: to the newest of our own that it shows", async () => {
  const rig = openRig();
  await witness(rig);
  await rig.clock.advance(MINUTE);
  const { firstClaimedAt } = await witness(rig);
  const scanner = createScanner(rig.ports);
  assert.equal((await scansOf(scanner)).scan.shownUpTo, firstClaimedAt);
  await rig.clock.advance(SCANS_APART_MS);
  rig.gateway.next.list.push("stale");
  assert.equal((await scansOf(scanner)).scan.shownUpTo, NOW);
});

Deno.test("latest() tells how far a list has come that shows the oldest first", async () => {
  const rig = openRig();
  for (let count = 0; count < 30; count++) {
    await rig.clock.advance(MINUTE);
    await witness(rig);
  }
  const { scanner } = scannerOf(rig, async (request) => {
    const listed = await rig.gateway.listPayments({ page: 1, perPage: 100 });
    return listed.kind === "listed" ? pageOf(listed.payments.toReversed(), request) : listed;
  });
  assert.equal((await scansOf(scanner)).scan.shownUpTo, rig.clock.now());
});

Deno.test("latest() tells how far a list has come that does not say when its rows were created", async () => {
  const rig = openRig();
  const ours = [await witness(rig), await witness(rig)];
  const list = ours.map(({ id }, n) => ({ ...row(n), createdAt: undefined, paymentId: id }));
  const { scanner } = scannerOf(rig, (request) => Promise.resolve(pageOf(list, request)));
  assert.equal((await scansOf(scanner)).scan.shownUpTo, NOW);
});

Deno.test("latest() tells how far a list has come by Konsol's clock where ours is days ahead", async () => {
  const rig = openRig();
  const { id } = await witness(rig);
  for (const [createdAt, shownUpTo] of [[NOW - 2 * HOUR, NOW - 105 * MINUTE], [NOW - 1, NOW]]) {
    const list = [{ ...row(1), createdAt, paymentId: id }];
    const { scanner } = scannerOf(rig, (request) => Promise.resolve(pageOf(list, request)));
    assert.equal((await scansOf(scanner)).scan.shownUpTo, shownUpTo);
  }
});

Deno.test("latest() has come nowhere in a list that shows none of ours", async () => {
  assert.equal((await scanOf(rows(10))).scan.shownUpTo, -Infinity);
});

Deno.test("latest() takes a payment of ours that was never sent for no sign of how far it has come", async () => {
  const rig = openRig();
  rig.konsol.create(await rig.put(queued()));
  assert.equal((await scansOf(createScanner(rig.ports))).scan.shownUpTo, -Infinity);
});

Deno.test("latest() raises the alarm for Konsol's payment that names a row we lost", async () => {
  const rig = openRig();
  rig.konsol.create(claimed(queued()));
  await scansOf(createScanner(rig.ports));
  assert.deepEqual(alarmsOf(rig), ["konsol_payment_without_row"]);
});
