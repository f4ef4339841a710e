// One process that is killed, paused and started again; tells when it ends without having been told to.

import { type Child, startChild } from "../../tasks/child.ts";
import { eventually } from "../support/eventually.ts";

const READY = { timeoutMs: 60_000, everyMs: 20 };
/** Longer than any shutdown may take. */
const STOP_MAX_MS = 60_000;
const LINES_KEPT = 400;
/** As the system tells the end by SIGKILL. */
const KILLED = 137;
/** Of a process that SIGSTOP holds, in /proc: after its name, which may hold anything, in parentheses. */
const HELD = /^.*\) T/s;

export interface VictimOptions {
  readonly name: string;
  /** What stands after `deno`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly url: string;
  /** Answers 2xx when the process is ready. */
  readonly readyPath: string;
}

export class Victim {
  readonly url: string;
  readonly name: string;
  /** What it said last, for whoever reads a failure. */
  readonly lines: string[] = [];
  /** Ends that nobody asked for, and blows that did not strike. */
  readonly surprises: string[] = [];
  readonly #options: VictimOptions;
  #child?: Child;
  #stopping = new Set<Child>();

  constructor(options: VictimOptions) {
    this.#options = options;
    this.url = options.url;
    this.name = options.name;
  }

  get pid(): number {
    if (this.#child === undefined) {
      throw new Error(`Cannot name a process as none runs: ${this.name}`);
    }
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  start(): void {
    const { name, args, env } = this.#options;
    const child = startChild({ name, args, env, onLine: (line) => this.#keep(line) });
    this.#child = child;
    child.ended.then((code) => {
      if (!this.#stopping.delete(child)) this.surprises.push(`${name} ended by itself: ${code}`);
    });
  }

  async untilReady(): Promise<void> {
    await eventually(async () => {
      if (this.surprises.length > 0) return true;
      const response = await fetch(this.url + this.#options.readyPath);
      await response.body?.cancel();
      return response.ok;
    }, READY);
    if (this.surprises.length > 0) throw new Error(this.surprises.join("; ") + this.tail());
  }

  async kill(): Promise<void> {
    if (this.#child === undefined) return;
    const code = await this.#end("SIGKILL");
    if (code !== KILLED) this.surprises.push(`${this.name} was not killed, it ended with ${code}`);
  }

  /** SIGTERM; the exit code. One that does not end by it is killed, and that is a surprise. */
  async stop(): Promise<number> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const child = this.#child;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), STOP_MAX_MS);
    });
    const ended = this.#end("SIGTERM");
    const code = await Promise.race([ended, late]);
    clearTimeout(timer);
    if (code !== "late") return code;
    this.surprises.push(`${this.name} did not end within ${STOP_MAX_MS} ms of SIGTERM`);
    return await child?.stop("SIGKILL") ?? -1;
  }

  pause(): void {
    Deno.kill(this.pid, "SIGSTOP");
  }

  /** A process that did not sleep until now proves nothing. */
  resume(): void {
    if (!isHeld(this.pid)) this.surprises.push(`${this.name} did not sleep`);
    Deno.kill(this.pid, "SIGCONT");
  }

  tail(): string {
    return `\n${this.lines.slice(-30).join("\n")}`;
  }

  async #end(signal: Deno.Signal): Promise<number> {
    const child = this.#child;
    if (child === undefined) return 0;
    this.#child = undefined;
    this.#stopping.add(child);
    return await child.stop(signal);
  }

  #keep(line: string): void {
    this.lines.push(`${this.name}| ${line}`);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
  }
}

/** True also where the system does not tell. */
function isHeld(pid: number): boolean {
  return Deno.build.os !== "linux" || HELD.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
}
