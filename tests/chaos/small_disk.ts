// A disk that can be filled up and freed again: a small tmpfs of its own, where this machine lets us mount one.

const SIZE_BYTES = 8 * 1024 * 1024;
const BLOCK_BYTES = 4096;

export interface SmallDisk extends AsyncDisposable {
  readonly folder: string;
  /** Takes every byte that is left. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

/** Or why there is none. */
export async function mountSmallDisk(): Promise<SmallDisk | string> {
  const folder = await Deno.makeTempDir({ prefix: "chaos_disk_" });
  const said = await run("mount", ["-t", "tmpfs", "-o", `size=${SIZE_BYTES}`, "tmpfs", folder]);
  if (said !== undefined) {
    await Deno.remove(folder);
    return said;
  }
  const filler = `${folder}/filler`;
  return {
    folder,
    fill: () => writeUntilFull(filler),
    free: () => Deno.remove(filler),
    async [Symbol.asyncDispose]() {
      const left = await run("umount", [folder]);
      if (left !== undefined) throw new Error(`Cannot unmount ${folder}: ${left}`);
      await Deno.remove(folder);
    },
  };
}

async function writeUntilFull(path: string): Promise<void> {
  using file = await Deno.open(path, { append: true, create: true });
  const block = new Uint8Array(BLOCK_BYTES);
  for (let bytes = 0; bytes <= SIZE_BYTES; bytes += BLOCK_BYTES) {
    try {
      await file.write(block);
    } catch (error) {
      if (error instanceof Error && /No space left|ENOSPC/i.test(error.message)) return;
      throw error;
    }
  }
  throw new Error(`Cannot fill ${path}: it takes more than its disk has`);
}

/** What it said when it failed. */
async function run(command: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(command, { args }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim() || `${command} failed`;
  } catch (error) {
    return `${command}: ${error instanceof Error ? error.message : error}`;
  }
}
