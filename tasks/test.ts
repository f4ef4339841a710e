// `deno task test`: every test, the pure ones without any permission; ends with "N passed, N failed".

import { mongoProgram } from "./local_mongo.ts";
import { print, write } from "./print.ts";

/** What `deno test` says at its end, in colour or not. */
const SUMMARY = /(\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed/;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

interface Suite {
  readonly title: string;
  readonly permissions: readonly string[];
  readonly paths: readonly string[];
}

const SUITES: readonly Suite[] = [
  {
    title: "pure: the domain and the application, with no permission at all",
    permissions: ["--no-prompt"],
    paths: ["tests/domain", "tests/application"],
  },
  {
    title: "the rest: adapters, whole app, processes",
    permissions: ["--allow-all", "--parallel"],
    paths: ["tests"],
  },
];

const WITHOUT_MONGO = "The MongoDB suites were skipped: set TEST_MONGODB_URL, " +
  "or run `deno run --allow-all tasks/install_mongo.ts` once (needs Python 3.11).";

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** `chosen`: paths or options for `deno test` given on the command line instead of every suite. */
async function main(chosen: readonly string[]): Promise<void> {
  const suites = chosen.length === 0
    ? SUITES
    : [{ title: "chosen", permissions: ["--allow-all"], paths: chosen }];
  let passed = 0;
  let failed = 0;
  for (const suite of suites) {
    print(`\n== ${suite.title}`);
    const counts = await runSuite(suite);
    passed += counts.passed;
    failed += counts.failed;
  }
  if (!Deno.env.get("TEST_MONGODB_URL") && mongoProgram() === undefined) print(WITHOUT_MONGO);
  print(`\n${passed} passed, ${failed} failed`);
  Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
}

async function runSuite({ permissions, paths }: Suite): Promise<Counts> {
  const ignored = paths.includes("tests") ? ["--ignore=tests/domain,tests/application"] : [];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", ...permissions, ...ignored, ...paths],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const summary = await lastSummary(child.stdout);
  const { code } = await child.status;
  if (summary === undefined) return { passed: 0, failed: 1 };
  // Anything that is not a test and still fails (types, a leak outside a test) counts as one failure.
  return { ...summary, failed: code !== 0 && summary.failed === 0 ? 1 : summary.failed };
}

/** Passes the output on as it comes and remembers its closing line. */
async function lastSummary(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Counts | undefined> {
  let summary: Counts | undefined;
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    write(text);
    const lines = (rest + text).replaceAll(COLOUR, "").split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, passed, failed] = SUMMARY.exec(line) ?? [];
      if (passed && failed) summary = { passed: Number(passed), failed: Number(failed) };
    }
  }
  return summary;
}

await main(Deno.args);
