// Bugs to plant in storing, deciding and working on.

import type { PlantedBug } from "./planted_bug.ts";

const CHANGE = "domain/payment_change.ts";

export const STORE_BUGS: readonly PlantedBug[] = [
  {
    name: "no compare-and-set (memory)",
    file: "adapters/memory/memory_table.ts",
    from: "if (stored === undefined || stored.version !== before.version || !isSame(stored)) {",
    to: "if (stored === undefined) {",
  },
  {
    name: "no compare-and-set (SQLite)",
    file: "adapters/sqlite/records.ts",
    from: '{ sql: "id = ? AND version = ?", values: [before.id, before.version] },',
    to: '{ sql: "id = ?", values: [before.id] },',
  },
  {
    name: "group commit answers before COMMIT",
    file: "adapters/sqlite/group_commit.ts",
    from: "return () => resolve(answer);",
    to: "resolve(answer);\n      return () => {};",
  },
  {
    name: "find, then insert (memory)",
    file: "adapters/memory/memory_payment_store.ts",
    from: 'const byIdempotencyKey = this.#having("idempotencyKey", payment.idempotencyKey);',
    to: 'const byIdempotencyKey = this.#having("idempotencyKey", payment.id);',
  },
  {
    name: "the handle external_id is not looked at",
    file: "adapters/memory/memory_payment_store.ts",
    from: 'const byExternalId = this.#having("externalId", payment.externalId);',
    to: 'const byExternalId = this.#having("externalId", payment.id);',
  },
  {
    name: "due work of one state is never found",
    file: "application/workers.ts",
    from:
      'const queued = await dueOf(submissions, (limit) => ports.payments.due(["queued"], now, limit));',
    to:
      'const queued = await dueOf(submissions, (limit) => ports.payments.due(["queued"], now - 1e15, limit));',
  },
  {
    name: "acknowledged before it is stored",
    file: "application/create_payment.ts",
    from: "const inserted = await ports.payments.insertOrGet(payment);",
    to: `const inserted = await ports.payments.insertOrGet(payment)
    .catch(() => ({ kind: "inserted" as const, payment }));`,
  },
  {
    name: "a repeat with another amount is taken",
    file: "application/create_payment.ts",
    from: "if (fields.length === 0) return stored;",
    to: 'if (fields.every((field) => field === "amount")) return stored;',
  },
  {
    name: "a change without its event",
    file: CHANGE,
    from: "history: [...payment.history, event],",
    to: 'history: submission === "submitted" ? payment.history : [...payment.history, event],',
  },
  {
    name: "one event too many",
    file: CHANGE,
    from: "history: [...payment.history, event],",
    to:
      'history: move === "T12" ? [...payment.history, event, event] : [...payment.history, event],',
  },
  {
    name: "a task that failed once is never tried again",
    file: "application/in_flight.ts",
    from: "}).finally(() => tasks.delete(key));",
    to: "});",
  },
  {
    name: "a change without its events in SQLite",
    file: "adapters/sqlite/sqlite_payment_store.ts",
    from: '    appendEvents(connection, events);\n    return { kind: "saved", item };',
    to: '    return { kind: "saved", item };',
  },
];
