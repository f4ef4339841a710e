// The process's log: one line an event on standard output, as JSON or for people, redacted.

import {
  configureSync,
  getLogger,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";
import type { Log } from "../../application/ports.ts";
import { LineWriter, type Write } from "./line_writer.ts";
import { redact } from "./redact.ts";

export interface LogOptions {
  readonly level: keyof Log;
  readonly format: "json" | "text";
  /** Standard output unless given. */
  readonly write?: Write;
}

export interface ProcessLog extends Log {
  /** Writes what waits; errors do it themselves. */
  flush(): void;
  /** After it every line is written at once. */
  close(): void;
}

const CATEGORY = "konsol";
const BARE = /^[\p{L}\p{N}_.:/@*+-]+$/u;

/** There is one for a process: a second one takes over what the first is told. */
export function createLog(options: LogOptions): ProcessLog {
  const writer = new LineWriter(options.write ?? ((bytes) => Deno.stdout.writeSync(bytes)));
  const format = options.format === "json" ? jsonLine : textLine;
  const sink = (record: LogRecord) => {
    writer.line(format(record).trimEnd());
    if (record.level === "error") writer.flush();
  };
  configureSync({
    reset: true,
    sinks: { out: sink },
    loggers: [
      { category: CATEGORY, sinks: ["out"], lowestLevel: logtapeLevel(options.level) },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
    ],
  });
  const logger = getLogger(CATEGORY);
  return {
    debug: (event, fields) => logger.debug(event, { ...fields }),
    info: (event, fields) => logger.info(event, { ...fields }),
    warn: (event, fields) => logger.warn(event, { ...fields }),
    error: (event, fields) => logger.error(event, { ...fields }),
    flush: () => writer.flush(),
    close: () => writer.close(),
  };
}

function logtapeLevel(level: keyof Log): LogLevel {
  return level === "warn" ? "warning" : level;
}

function jsonLine(record: LogRecord): string {
  const head = {
    time: new Date(record.timestamp).toISOString(),
    level: record.level === "warning" ? "warn" : record.level,
    event: record.rawMessage,
  };
  const fields = safeFields(record).map((
    [name, value],
  ) => [name in head ? `${name}_` : name, value]);
  return JSON.stringify({ ...head, ...Object.fromEntries(fields) });
}

const textLine: TextFormatter = getTextFormatter({
  timestamp: "time",
  level: "ABBR",
  lineEnding: "lf",
  format: ({ timestamp, level, record }) => {
    const fields = safeFields(record).map(([name, value]) => `${shown(name)}=${shown(value)}`);
    return [timestamp, level, String(record.rawMessage), ...fields].join(" ");
  },
});

/** Every line passes here: nothing is written unmasked. */
function safeFields(record: LogRecord): [string, unknown][] {
  const fields = Object.entries(redact(record.properties) as Record<string, unknown>);
  return fields.filter(([, value]) => value !== undefined);
}

/** What a terminal would obey is escaped: JSON leaves the upper control characters as they are. */
function shown(value: unknown): string {
  if (typeof value === "string" && BARE.test(value)) return value;
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (mark) => "\\u" + mark.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
