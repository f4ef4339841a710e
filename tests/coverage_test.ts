// Every branch of the state machine, the failure table, the resolver and idempotency is tried by a test.

import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);

/** What is run: all that tests the files below, this file not among it. */
const TESTS = [
  "tests/domain",
  "tests/application",
  "tests/adapters/konsol/create_outcome_test.ts",
  "tests/adapters/konsol/connect_errors_test.ts",
  "tests/adapters/http/handles_test.ts",
];

const COVERED: readonly (readonly [folder: string, names: readonly RegExp[]])[] = [
  ["domain", [/^(payment\w*|submission_table|scan|provider_payment|claim)\.ts$/]],
  ["application", [
    /^(create_payment|accept_claim|card_number_in_text)\.ts$/,
    /^(submit_payment|circuit_breaker|record_create_outcome|save_payment)\.ts$/,
    /^(resolve_doubt|resubmit_budget|scanner|decide_review)\.ts$/,
    /^(follow_payment|refresh_payment|adopt_konsol_payment|look_for_another)\.ts$/,
    /^(fence_restored_store|restore_check)\.ts$/,
  ]],
  ["adapters/konsol", [/^(create_outcome|connect_errors)\.ts$/]],
  ["adapters/http", [/^handles\.ts$/]],
];

interface Coverage {
  readonly path: string;
  readonly lines: number;
  readonly branches: number;
  /** Line numbers. */
  readonly missed: readonly number[];
}

async function deno(...args: readonly string[]): Promise<string> {
  const options = { args: [...args], cwd: ROOT, env: { NO_COLOR: "1" } };
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const text = new TextDecoder().decode(stdout);
  assert.ok(success, `deno ${args[0]}: ${text.slice(-4_000)}${new TextDecoder().decode(stderr)}`);
  return text;
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL(folder, ROOT)));
  return entries.map(({ name }) => name).sort();
}

/** Runs the tests, all in one process as that is fastest, and gives what they covered as LCOV text. */
async function covered(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "coverage_" });
  try {
    const tests = await Promise.all(
      TESTS.map(async (path) =>
        path.endsWith(".ts") ? [path] : (await namesIn(path)).map((name) => `${path}/${name}`)
      ),
    );
    const imports = tests.flat().map((path) => `import ${JSON.stringify(new URL(path, ROOT))};\n`);
    await Deno.writeTextFile(`${folder}/all_test.ts`, imports.join(""));
    const options = ["--quiet", "--allow-all", "--no-check", `--coverage=${folder}/raw`];
    await deno("test", ...options, "--coverage-raw-data-only", `${folder}/all_test.ts`);
    return await deno("coverage", "--quiet", "--lcov", `${folder}/raw`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** LCOV: records of `SF:file`, `DA:line,hits` and `BRDA:line,block,branch,hits`, each closed by end_of_record. */
function read(lcov: string): Coverage[] {
  return lcov.split("end_of_record").filter((record) => record.includes("SF:")).map((record) => {
    const lines = record.split("\n");
    const [file = ""] = valuesOf(lines, "SF:");
    const missed = [...valuesOf(lines, "DA:"), ...valuesOf(lines, "BRDA:")]
      .filter((value) => /,(0|-)$/.test(value))
      .map((value) => parseInt(value));
    return {
      path: decodeURI(new URL(file, "file:///").pathname).slice(ROOT.pathname.length),
      lines: valuesOf(lines, "DA:").length,
      branches: valuesOf(lines, "BRDA:").length,
      missed: [...new Set(missed)].sort((a, b) => a - b),
    };
  });
}

function valuesOf(lines: readonly string[], name: string): string[] {
  return lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
}

async function decidingFiles(): Promise<string[]> {
  const found = await Promise.all(
    COVERED.map(async ([folder, names]) =>
      (await namesIn(folder)).filter((name) => names.some((one) => one.test(name))).map((name) =>
        `${folder}/${name}`
      )
    ),
  );
  return found.flat();
}

Deno.test("every line and branch that decides about money is tried by a test", async () => {
  const files = await decidingFiles();
  const seen = read(await covered()).filter(({ path }) => files.includes(path));
  assert.deepEqual(seen.map(({ path }) => path).sort(), files.sort());
  assert.ok(seen.every(({ lines }) => lines > 0) && seen.some(({ branches }) => branches > 0));
  const missed = seen.filter((file) => file.missed.length > 0)
    .map(({ path, missed }) => `${path}: line ${missed.join(", ")}`);
  assert.deepEqual(missed, []);
});
