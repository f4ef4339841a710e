// The values that all instances share, in memory, under the same contract as the durable store.

import type { ControlStore } from "../../application/ports.ts";
import type { MemoryTable, Versioned } from "./memory_table.ts";

/** Its id is the value's key. */
export interface ControlRow extends Versioned {
  readonly value: unknown;
}

export class MemoryControlStore implements ControlStore {
  readonly #table: MemoryTable<ControlRow>;

  constructor(table: MemoryTable<ControlRow>) {
    this.#table = table;
  }

  get<Value>(key: string): Promise<{ value: Value; version: number } | undefined> {
    return Promise.try(() => {
      const row = this.#table.get(key);
      return row && { value: row.value as Value, version: row.version };
    });
  }

  put(key: string, version: number | undefined, value: unknown): Promise<boolean> {
    return Promise.try(() => {
      if (version !== undefined) return this.#replace({ id: key, version, value });
      if (this.#table.get(key) !== undefined) return false;
      this.#table.insert({ id: key, version: 1, value });
      return true;
    });
  }

  #replace(row: ControlRow): boolean {
    return this.#table.save(row, row, () => true, () => undefined).kind === "saved";
  }
}
