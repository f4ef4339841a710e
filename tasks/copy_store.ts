// Moves a history from the embedded store to MongoDB: copied, compared record by record, and only then marked.

import type { MovingTarget } from "../adapters/mongo/moving_target.ts";
import {
  type Entry,
  type MovingSource,
  RECORD_KINDS,
  type RecordKind,
} from "../adapters/sqlite/moving_source.ts";
import { recordHash, TotalHash } from "./record_hash.ts";

/** Records read, written and compared in one step. */
const BATCH = 500;

const ADVICE = "run it again; if it stays so, a service works on the target: stop that, drop it";

export interface CopyOptions {
  /** How the target is named in the source's mark: without a password. */
  readonly targetName: string;
  readonly at: string;
  readonly batchSize?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Copied {
  readonly counts: Readonly<Record<RecordKind, number>>;
  /** Records that were written: the others were there, equal, from an earlier run. */
  readonly written: number;
  /** Over every record's hash, in the order of ids: the same on both sides. */
  readonly hash: string;
}

/** Throws when the target is not this source's to fill: it has a history of its own, or the move is over. */
export async function assertCopyable(source: MovingSource, target: MovingTarget): Promise<void> {
  const unfinished = await target.unfinished();
  if (unfinished === source.lineage) return;
  if (unfinished !== undefined) {
    throw new Error(
      "another store's copy into it is unfinished: finish that one, or drop the database",
    );
  }
  const retirement = source.retirement();
  if (retirement?.because === "moved") {
    throw new Error(`it was moved already, to ${retirement.to} at ${retirement.at}`);
  }
  if (retirement !== undefined) {
    throw new Error("a restore put another file in its place: copy that one");
  }
  for (const kind of RECORD_KINDS) {
    const there = await target.countOwn(kind);
    if (there > 0) {
      throw new Error(`the target has ${kind} of its own (${there}): name an empty one`);
    }
  }
}

/**
 * May be broken off at any moment and run again: what is there already and equal is not written again.
 * The target is marked from before the first record until after the source is: at no moment could a
 * service start on both.
 */
export async function copyStore(
  source: MovingSource,
  target: MovingTarget,
  { targetName, at, batchSize = BATCH, onProgress = () => {} }: CopyOptions,
): Promise<Copied> {
  await assertCopyable(source, target);
  await target.begin(source.lineage);
  const counts = countsOf(source);
  const records = Object.values(counts).reduce((sum, count) => sum + count, 0);
  let done = 0;
  const step = (count: number) => onProgress(done += count, 2 * records);
  let written = 0;
  for (const kind of RECORD_KINDS) {
    for (const batch of batchesOf(source, kind, batchSize)) {
      const differing = await differingOf(target, kind, batch);
      await target.load(kind, differing);
      written += differing.length;
      step(batch.length);
    }
  }
  const hash = await verify(source, target, counts, batchSize, step);
  if (source.retirement() === undefined) source.retire(targetName, at);
  await target.finish();
  return { counts, written, hash };
}

export function countsOf(source: MovingSource): Record<RecordKind, number> {
  const counts = RECORD_KINDS.map((kind) => [kind, source.count(kind)]);
  return Object.fromEntries(counts);
}

/** Reads both sides whole; throws, naming the first record that differs. */
async function verify(
  source: MovingSource,
  target: MovingTarget,
  counts: Readonly<Record<RecordKind, number>>,
  batchSize: number,
  step: (count: number) => void,
): Promise<string> {
  const [from, to] = [new TotalHash(), new TotalHash()];
  for (const kind of RECORD_KINDS) {
    const there = await target.count(kind);
    if (there !== counts[kind]) {
      throw new Error(`the target has another number of ${kind}: ${there}, not ${counts[kind]}`);
    }
    for (const batch of batchesOf(source, kind, batchSize)) {
      const hashes = await hashesIn(target, kind, batch);
      for (const { id, value } of batch) {
        const [ours, theirs] = [recordHash(value), hashes.get(id)];
        if (ours !== theirs) throw new Error(`${kind} ${id} differs in the target: ${ADVICE}`);
        from.add(id, ours);
        to.add(id, theirs);
      }
      step(batch.length);
    }
  }
  const hash = from.digest();
  if (hash !== to.digest()) throw new Error("the total hashes differ");
  return hash;
}

async function differingOf(
  target: MovingTarget,
  kind: RecordKind,
  batch: readonly Entry[],
): Promise<readonly Entry[]> {
  const hashes = await hashesIn(target, kind, batch);
  return batch.filter(({ id, value }) => hashes.get(id) !== recordHash(value));
}

async function hashesIn(
  target: MovingTarget,
  kind: RecordKind,
  batch: readonly Entry[],
): Promise<Map<string, string>> {
  const there = await target.read(kind, batch.map(({ id }) => id));
  return new Map(there.map(({ id, value }) => [id, recordHash(value)]));
}

function* batchesOf(
  source: MovingSource,
  kind: RecordKind,
  size: number,
): Generator<readonly Entry[]> {
  let after = "";
  while (true) {
    const batch = source.batch(kind, after, size);
    if (batch.length === 0) return;
    yield batch;
    after = batch.at(-1)?.id ?? "";
  }
}
