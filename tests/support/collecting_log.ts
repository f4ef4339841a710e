// A log that keeps what it was told, for tests that ask what was logged.

import type { Log, LogEvent } from "../../application/ports.ts";

export interface LogEntry {
  readonly level: keyof Log;
  readonly event: LogEvent;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface CollectingLog extends Log {
  readonly entries: readonly LogEntry[];
  /** The fields of every entry with this event, the oldest first. */
  of(event: LogEvent): Readonly<Record<string, unknown>>[];
}

export function collectingLog(): CollectingLog {
  const entries: LogEntry[] = [];
  const at = (level: keyof Log): Log["info"] => (event, fields) => {
    entries.push({ level, event, fields: { ...fields } });
  };
  return {
    entries,
    of: (event) => entries.filter((entry) => entry.event === event).map(({ fields }) => fields),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  };
}
