// An append-only file of JSON lines that survives a kill at any byte.

export class Journal<Line> {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** The lines of `path`, none where it does not exist; only a torn last line is forgiven. */
  static read<Line>(path: string): Line[] {
    const texts = readText(path).split("\n");
    const torn = texts.pop() ?? "";
    const lines = texts.map((text, index) => parseLine<Line>(path, text, index));
    try {
      if (torn !== "") lines.push(JSON.parse(torn));
    } catch { /* the process died while writing it, so nobody was told that it happened */ }
    return lines;
  }

  /** Replaces what `path` holds by `lines` in one step, and opens it to append. */
  static rewrite<Line>(path: string, lines: readonly Line[]): Journal<Line> {
    const folder = path.replace(/\/?[^/]*$/, "") || (path.startsWith("/") ? "/" : ".");
    Deno.mkdirSync(folder, { recursive: true });
    const draft = new Journal<Line>(
      Deno.openSync(`${path}.new`, { write: true, create: true, truncate: true, mode: 0o600 }),
    );
    draft.#write(lines);
    draft.#file.syncSync();
    draft.close();
    Deno.renameSync(`${path}.new`, path);
    return new Journal<Line>(Deno.openSync(path, { append: true }));
  }

  /** Durable on return when `sync`; otherwise it outlives the process but not the machine. */
  append(line: Line, sync: boolean): void {
    this.#write([line]);
    if (sync) this.#file.syncDataSync();
  }

  close(): void {
    this.#file.close();
  }

  #write(lines: readonly Line[]): void {
    let bytes = new TextEncoder().encode(lines.map((line) => JSON.stringify(line) + "\n").join(""));
    while (bytes.length > 0) bytes = bytes.subarray(this.#file.writeSync(bytes));
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function parseLine<Line>(path: string, text: string, index: number): Line {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`Cannot read ${path} as its line ${index + 1} is not JSON`);
  }
}
