// Plants a bug: what it reaches of the service's code, copied to a folder of its own, one text in it replaced.

import { PROJECT, SERVICE_FILES } from "../service.ts";
import type { PlantedBug } from "./planted_bug.ts";

export const FOLDERS = ["domain", "application", "adapters"];
const IMPORT = /(from "|import\(")(\.[^"]+)(")/g;

/** The service's sources, or those of other folders, by their path below the project. */
export async function readSources(
  folders: readonly string[] = FOLDERS,
): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  for (const folder of folders) await readFolder(folder, sources);
  return sources;
}

async function readFolder(folder: string, sources: Map<string, string>): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, PROJECT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) await readFolder(path, sources);
    else if (name.endsWith(".ts")) {
      sources.set(path, await Deno.readTextFile(new URL(path, PROJECT)));
    }
  }
}

/** The text with the bug in it. Throws when the place is not there, or not the only one. */
export function withBug({ name, file, from, to }: PlantedBug, text: string): string {
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`"${name}": its text is ${places} times in ${file}`);
  return text.replace(from, () => to);
}

/**
 * Writes the changed file and everything that imports it, however indirectly, below `folder`; what the
 * bug does not reach is imported from the project. Gives the root to load the service from.
 */
export async function plantBug(
  bug: PlantedBug,
  sources: ReadonlyMap<string, string>,
  folder: string,
): Promise<URL> {
  const root = new URL(`file://${folder}/`);
  const reached = importersOf(bug.file, sources);
  for (const [path, text] of sources) {
    if (!reached.has(path) && !SERVICE_FILES.includes(path)) continue;
    const target = new URL(path, root);
    await Deno.mkdir(new URL(".", target), { recursive: true });
    const planted = path === bug.file ? withBug(bug, text) : text;
    await Deno.writeTextFile(
      target,
      reached.has(path)
        ? withAbsoluteImports(path, planted, reached)
        : `export * from "${new URL(path, PROJECT).href}";\n`,
    );
  }
  return root;
}

function importersOf(file: string, sources: ReadonlyMap<string, string>): ReadonlySet<string> {
  const reached = new Set([file]);
  for (let size = 0; size !== reached.size;) {
    size = reached.size;
    for (const [path, text] of sources) {
      if (importsOf(path, text).some((imported) => reached.has(imported))) reached.add(path);
    }
  }
  return reached;
}

function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, , relative = ""]) => resolve(path, relative));
}

function resolve(path: string, relative: string): string {
  return new URL(relative, `file:///${path}`).pathname.slice(1);
}

function withAbsoluteImports(path: string, text: string, reached: ReadonlySet<string>): string {
  return text.replace(IMPORT, (whole, before, relative, after) => {
    const imported = resolve(path, relative);
    return reached.has(imported) ? whole : before + new URL(imported, PROJECT).href + after;
  });
}
