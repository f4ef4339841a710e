// A bar for work that takes long: in a terminal one line that grows, elsewhere a line now and then.

import { write } from "./print.ts";

const WIDTH = 30;
const REDRAW_EVERY_MS = 100;
const LINE_EVERY_MS = 5_000;

export interface ProgressBar {
  at(done: number, total: number): void;
  /** What is printed next starts on a line of its own. */
  end(): void;
}

export interface ProgressBarOptions {
  readonly isTerminal?: boolean;
  readonly now?: () => number;
  readonly write?: (text: string) => void;
}

export function createProgressBar(label: string, options: ProgressBarOptions = {}): ProgressBar {
  const isTerminal = options.isTerminal ?? Deno.stdout.isTerminal();
  const now = options.now ?? (() => performance.now());
  const out = options.write ?? write;
  const startedAt = now();
  let shownAt = -Infinity;
  let latest: string | undefined;
  const show = (text: string) => {
    out(isTerminal ? `\r${text}\u001b[K` : `${text}\n`);
    latest = undefined;
    shownAt = now();
  };
  return {
    at(done, total) {
      latest = barText(label, done, total, now() - startedAt);
      const every = isTerminal ? REDRAW_EVERY_MS : LINE_EVERY_MS;
      if (now() - shownAt >= every) show(latest);
    },
    end() {
      if (latest !== undefined) show(latest);
      if (isTerminal && shownAt > -Infinity) out("\n");
    },
  };
}

/** `label  [#####-----]  50%  500 of 1,000, 0:12 left`; the time left from the pace so far. */
export function barText(label: string, done: number, total: number, elapsedMs: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.floor(share * WIDTH);
  const bar = "#".repeat(filled) + "-".repeat(WIDTH - filled);
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  const left = done === 0 ? "" : `, ${clockText(elapsedMs * (total - done) / done)} left`;
  const counts = `${done.toLocaleString("en")} of ${total.toLocaleString("en")}`;
  return `${label}  [${bar}] ${percent}%  ${counts}${share === 1 ? "" : left}`;
}

/** 3 s -> "0:03", 2 h -> "2:00:00". */
function clockText(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const pad = (number: number) => String(number).padStart(2, "0");
  return `${hours > 0 ? `${hours}:${pad(minutes)}` : minutes}:${pad(seconds % 60)}`;
}
