// A Deno program run as a process of its own: its lines as they come, and its end.

const decoder = () => new TextDecoderStream();

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Resolves with the exit code; never rejects. */
  readonly ended: Promise<number>;
  /** SIGTERM (or another signal), then waits for the end. A process that is gone already is fine. */
  stop(signal?: Deno.Signal): Promise<number>;
}

export interface ChildOptions {
  readonly name: string;
  /** What stands after `deno`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Gets each line of its standard output and standard error. */
  readonly onLine: (line: string) => void;
  /** Only these variables, none of ours. */
  readonly clearEnv?: boolean;
}

export function startChild(options: ChildOptions): Child {
  // The runtime itself, not npx: a signal to npx would leave Deno behind.
  const process = new Deno.Command(Deno.execPath(), {
    args: [...options.args],
    env: { ...options.env },
    clearEnv: options.clearEnv ?? false,
    cwd: new URL("..", import.meta.url).pathname,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const read = Promise.all([
    eachLine(process.stdout, options.onLine),
    eachLine(process.stderr, options.onLine),
  ]);
  const ended = Promise.all([process.status, read]).then(([status]) => status.code);
  return {
    name: options.name,
    pid: process.pid,
    ended,
    stop(signal = "SIGTERM") {
      try {
        process.kill(signal);
      } catch {
        // It ended by itself.
      }
      return ended;
    },
  };
}

async function eachLine(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(decoder())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  }
  if (rest !== "") onLine(rest);
}
