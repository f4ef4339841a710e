// The rules of the house, checked: who may import whom, what the pure layers may touch, how long a file may be.

import assert from "node:assert/strict";
import { SETTING_NAMES } from "../adapters/system/config.ts";
import { servicePermissions } from "../tasks/permissions.ts";

const ROOT = new URL("../", import.meta.url);
const CODE = ["domain", "application", "adapters", "tasks", "examples", "tests", "main.ts"];
const LINES_MAX = 300;
const TEST_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

interface Source {
  /** Below the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** What it imports from this project, below the root. */
  readonly imports: readonly string[];
  readonly packages: readonly string[];
}

async function sources(): Promise<Source[]> {
  const paths = (await Promise.all(CODE.map(filesOf))).flat().filter((path) =>
    path.endsWith(".ts")
  );
  return await Promise.all(paths.map(async (path) => {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    const named = [
      ...text.matchAll(
        /^(?:import|export)[^"';]*?from "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm,
      ),
    ]
      .map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? "");
    const imports = named.filter((name) => name.startsWith("."))
      .map((name) => new URL(name, new URL(path, ROOT)).href.slice(ROOT.href.length));
    return { path, text, imports, packages: named.filter((name) => !name.startsWith(".")) };
  }));
}

async function filesOf(path: string): Promise<string[]> {
  const info = await Deno.stat(new URL(path, ROOT));
  if (info.isFile) return [path];
  const found: string[] = [];
  for await (const entry of Deno.readDir(new URL(`${path}/`, ROOT))) {
    found.push(...await filesOf(`${path}/${entry.name}`));
  }
  return found;
}

const all = await sources();
const pure = all.filter(({ path }) => /^(domain|application)\//.test(path));

/** "adapters/http/…" belongs to "adapters/http", all else to its first folder. */
function partOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "adapters" ? `${first}/${second}` : first;
}

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  domain: ["domain"],
  application: ["domain", "application"],
};

Deno.test("imports go inward: domain -> domain, application -> domain, an adapter -> itself and adapters/system", () => {
  const wrong = all.flatMap(({ path, imports }) => {
    const part = partOf(path);
    if (["tests", "tasks", "main.ts"].includes(part)) return [];
    const allowed = ALLOWED[part] ?? ["domain", "application", part, "adapters/system"];
    return imports.filter((to) => !allowed.includes(partOf(to))).map((to) => `${path} -> ${to}`);
  });
  assert.deepEqual(wrong, []);
});

Deno.test("nothing but tests imports tests, and nothing imports main.ts", () => {
  const wrong = all.flatMap(({ path, imports }) =>
    imports.filter((to) => to === "main.ts" || (partOf(to) === "tests" && partOf(path) !== "tests"))
      .map((to) => `${path} -> ${to}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("the sandbox shares no code with what it bears witness to", () => {
  const shared = all.filter(({ path }) => path.startsWith("adapters/sandbox/"))
    .flatMap(({ imports }) => imports.filter((to) => /^(domain|application)\//.test(to)));
  assert.deepEqual(shared, []);
});

Deno.test("domain and application import no package", () => {
  assert.deepEqual(pure.flatMap(({ path, packages }) => packages.map((name) => [path, name])), []);
});

Deno.test("domain and application touch no ambient effect", () => {
  const ambient =
    /\b(Date\.now|new Date\(\)|Math\.random|crypto\.|fetch\(|setTimeout|setInterval|queueMicrotask|Deno\.|console\.|performance\.)/;
  const wrong = pure.flatMap(({ path, text }) =>
    withoutComments(text).split("\n").filter((line) => ambient.test(line)).map((
      line,
    ) => [path, line])
  );
  assert.deepEqual(wrong, []);
});

Deno.test("no import cycle", () => {
  const graph = new Map(all.map(({ path, imports, text }) => [path, text && imports]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [[...trail.slice(trail.indexOf(path)), path].join(" -> ")];
    if (done.has(path)) return [];
    const cycles = (graph.get(path) || []).flatMap((to) => visit(to, [...trail, path]));
    done.add(path);
    return cycles;
  };
  assert.deepEqual([...graph.keys()].flatMap((path) => visit(path, [])), []);
});

Deno.test("every file is snake_case, starts with its role and keeps to its length", () => {
  const wrong = all.filter(({ path, text }) => {
    const limit = partOf(path) === "tests" ? TEST_LINES_MAX : LINES_MAX;
    const lines = text.trimEnd().split("\n").length;
    const name = path.split("/").at(-1) ?? "";
    return !/^[a-z0-9_]+\.ts$/.test(name) || !text.startsWith("// ") || lines > limit;
  });
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("no function is longer than seventy lines", () => {
  const wrong = all.flatMap(({ path, text }) => {
    if (partOf(path) === "tests") return [];
    const lines = text.split("\n");
    return lines.flatMap((line, start) => {
      const [, indent] = /^(\s*)(?:export )?(?:async )?function\b/.exec(line) ?? [];
      if (indent === undefined) return [];
      const length = lines.slice(start).indexOf(`${indent}}`) + 1;
      return length > FUNCTION_LINES_MAX ? [`${path}:${start + 1}`] : [];
    });
  });
  assert.deepEqual(wrong, []);
});

Deno.test("no Impl, Base, Manager, Helper, Util or Dto, and no barrel file", () => {
  const banned =
    /\b(?:class|interface|type|function) \w*(?:Impl|Manager|Helper|Util|Dto)\b|class Base/;
  const wrong = all.filter(({ path, text }) =>
    partOf(path) !== "tests" && (banned.test(text) || /\/(index|mod)\.ts$/.test(path))
  );
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("README.md names only paths that exist", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const paths = [
    ...readme.matchAll(
      /`((?:domain|application|adapters|tests|tasks|docs|examples)\/(?!json|problem)[\w./-]*)`/g,
    ),
  ];
  assert.ok(paths.length > 10);
  for (const [, path = ""] of paths) {
    await assert.doesNotReject(Deno.stat(new URL(path, ROOT)), path);
  }
});

Deno.test("README.md and .env.example describe each setting", async () => {
  for (const file of ["README.md", ".env.example"]) {
    const text = await Deno.readTextFile(new URL(file, ROOT));
    assert.deepEqual(SETTING_NAMES.filter((name) => !text.includes(name)), [], file);
  }
});

Deno.test("deno.json starts and compiles the service with exactly its permissions", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const flags = servicePermissions("data").join(" ");
  assert.equal(tasks.start.command, `deno run --env-file ${flags} main.ts`);
  assert.equal(
    tasks.compile.command,
    `deno compile ${flags} --output dist/konsol-payments main.ts`,
  );
});

Deno.test("every dependency is pinned to one version", async () => {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const loose = Object.values<string>(imports).filter((to) =>
    !/^npm:(@[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+$/.test(to)
  );
  assert.deepEqual(loose, []);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}
