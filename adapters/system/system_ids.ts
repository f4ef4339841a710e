// Ids as UUIDv7 (RFC 9562, 5.7): of the clock's millisecond, random, and in order within one process.

import { Buffer } from "node:buffer";
import type { Clock, Ids } from "../../application/ports.ts";

/** The 12 bits after the time count the ids of one millisecond (6.2, method 1), from a random start. */
const COUNTER_END = 0x1000;
const COUNTER_START_END = 0x800;

/** A clock that steps back by less is waited out by counting on; by more, it is followed (6.1). */
const STEP_BACK_MS_MAX = 10_000;

const RANDOM_BYTES = 10;

export function createIds(clock: Pick<Clock, "now">): Ids {
  let lastMs = -Infinity;
  let counter = 0;
  return {
    next(prefix) {
      const random = Buffer.from(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
      const nowMs = Math.floor(clock.now());
      if (nowMs > lastMs || nowMs < lastMs - STEP_BACK_MS_MAX) {
        lastMs = nowMs;
        counter = random.readUInt16BE(0) % COUNTER_START_END;
      } else if (++counter === COUNTER_END) {
        lastMs++;
        counter = 0;
      }
      return `${prefix}_${uuidV7(lastMs, counter, random.subarray(2))}`;
    },
  };
}

function uuidV7(ms: number, counter: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(ms, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes.set(random, 8);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
