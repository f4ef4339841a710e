// Laws of adapters/system/log.ts.

import assert from "node:assert/strict";
import { createLog, type LogOptions, type ProcessLog } from "../../../adapters/system/log.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What the log wrote, once all of it is written. */
function written(options: Omit<LogOptions, "write">, tell: (log: ProcessLog) => void): string {
  let text = "";
  const decoder = new TextDecoder();
  const write = (bytes: Uint8Array) => {
    text += decoder.decode(bytes);
    return bytes.length;
  };
  const log = createLog({ ...options, write });
  tell(log);
  log.close();
  return text;
}

function linesOf(text: string): Record<string, unknown>[] {
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

function law(title: string, fn: () => void): void {
  Deno.test({ name: title, sanitizeOps: true, fn });
}

law("info() is one line of JSON: time, level, event, then the fields", () => {
  const [line] = linesOf(written({ level: "info", format: "json" }, (log) => {
    log.info("request", { method: "GET", status: 200, ms: 1.5 });
  }));
  const { time, ...rest } = line!;
  assert.match(String(time), TIME);
  assert.deepEqual(Object.keys(line!).slice(0, 3), ["time", "level", "event"]);
  assert.deepEqual(rest, { level: "info", event: "request", method: "GET", status: 200, ms: 1.5 });
});

law("createLog() writes its level and the ones above", () => {
  const told = LEVELS.map((level) =>
    linesOf(written({ level, format: "json" }, (log) => {
      for (const at of LEVELS) log[at]("alarm", {});
    })).map((line) => line.level)
  );
  assert.deepEqual(told, LEVELS.map((_, from) => LEVELS.slice(from)));
});

law("info() keeps a field that is named as a part of the line, under another name", () => {
  const [line] = linesOf(written({ level: "info", format: "json" }, (log) => {
    log.info("webhook", { event: "payment.completed", level: 3 });
  }));
  assert.deepEqual([line!.event, line!.event_, line!.level, line!.level_], [
    "webhook",
    "payment.completed",
    "info",
    3,
  ]);
});

law("info() masks personal data and secrets in both formats", () => {
  for (const format of ["json", "text"] as const) {
    const text = written({ level: "info", format }, (log) => {
      log.info("konsol_call", {
        card_number: "4111111111111111",
        note: "to 8 912 345 67 89",
        header: "Bearer s3cr3t",
        deep: [{ token: "s3cr3t", error: new Error("4111 1111 1111 1111") }],
      });
    });
    assert.doesNotMatch(text, /s3cr3t|345 67|4111 ?1111 ?1111/, format);
  }
});

law("info() is one line in both formats, whatever the fields hold", () => {
  for (const format of ["json", "text"] as const) {
    const text = written({ level: "info", format }, (log) => {
      log.info("request", { path: "/a\nlevel=error", error: new Error("two\r\nlines"), "a\nb": 1 });
    });
    assert.equal(text.trimEnd().split(/[\n\r]/).length, 1, text);
  }
});

law("info() as text is readable: time, level, event, name=value", () => {
  const text = written({ level: "info", format: "text" }, (log) => {
    log.info("request", { method: "GET", note: "two words", status: 200 });
  });
  assert.match(
    text,
    /^\d\d:\d\d:\d\d\.\d{3} INF request method=GET note="two words" status=200\n$/,
  );
});

law("info() as text holds nothing that a terminal obeys", () => {
  const text = written({ level: "info", format: "text" }, (log) => {
    log.info("request", { path: "\u001b[2J \u009b2J \u2028", "\u009b": "\u007f" });
  });
  assert.match(text, /^[\x20-\x7e]+\n$/);
});

law("info() does not take an event's fields for parts of a message", () => {
  const [line] = linesOf(written({ level: "info", format: "json" }, (log) => {
    log.info("request", { path: "{status}", status: 200 });
  }));
  assert.deepEqual([line!.event, line!.path], ["request", "{status}"]);
});

law("info() leaves out fields without a value", () => {
  const text = written({ level: "info", format: "text" }, (log) => {
    log.info("started", { port: undefined });
  });
  assert.match(text, /started\n$/);
});

law("error() is written at once, after all that came before it", () => {
  const seen: string[] = [];
  const write = (bytes: Uint8Array) => {
    seen.push(new TextDecoder().decode(bytes));
    return bytes.length;
  };
  const log = createLog({ level: "info", format: "json", write });
  log.info("request", {});
  assert.equal(seen.length, 0);
  log.error("unexpected_error", {});
  assert.deepEqual(linesOf(seen.join("")).map(({ event }) => event), [
    "request",
    "unexpected_error",
  ]);
});

law("error() never throws when the output is gone", () => {
  const log = createLog({
    level: "info",
    format: "json",
    write: () => {
      throw new Deno.errors.BrokenPipe();
    },
  });
  log.error("unexpected_error", { error: new Error("boom") });
  log.close();
});
