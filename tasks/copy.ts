// `deno task copy`: the whole history moves from the SQLite file to MongoDB, with one command.

import { parseArgs } from "node:util";
import { MovingTarget } from "../adapters/mongo/moving_target.ts";
import { MovingSource } from "../adapters/sqlite/moving_source.ts";
import { assertCopyable, copyStore, countsOf } from "./copy_store.ts";
import { print } from "./print.ts";
import { createProgressBar } from "./progress_bar.ts";
import { runTask, sqlitePath, UsageError } from "./run_task.ts";

const HELP = `deno task copy --from sqlite:PATH --to mongodb://HOST/DATABASE [--dry-run]

Moves the whole history from the SQLite file to an empty MongoDB database: payments, invoices, webhooks,
events, callbacks and shared values. Stop the service first: it is refused while anything has the file open, and the file is
held alone until the end. Every record is then read back and compared by its hash, every kind by its count.
Only then the file is marked as moved: no service ever opens it again, so nothing is sent from both.

If it breaks off, run it again: what is there already is kept. Until it is through, no service starts on
the target, and one may go on with the file.

  --from     the SQLite file; without it DATABASE_URL, else sqlite:data/konsol.db
  --to       the MongoDB database; TARGET_URL in the environment keeps a password off the command line
  --dry-run  reads and checks both, copies nothing; a file of an older version is brought to this one's, as
             a start of the service would
  --help     this text

Afterwards: DATABASE_URL=mongodb://… and the same CARD_KEY, then start the service.
Exit codes: 0 done, 1 refused or broken off, 64 wrong arguments.`;

await runTask(HELP, async () => {
  const { values } = parseArgs({
    options: {
      from: { type: "string" },
      to: { type: "string" },
      "dry-run": { type: "boolean", default: false },
    },
  });
  const from = sqlitePath(values.from, "--from");
  const to = mongoUrl(values.to ?? Deno.env.get("TARGET_URL"));
  try {
    await copy(from, to, values["dry-run"]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot copy ${from} to ${nameOf(to)} as ${reason}`, { cause: error });
  }
});

async function copy(from: string, to: string, dryRun: boolean): Promise<void> {
  const source = new MovingSource(from);
  try {
    const target = await MovingTarget.open(to, { readOnly: dryRun });
    try {
      if (dryRun) await tellPlan(source, target);
      else await move(source, target, nameOf(to));
    } finally {
      await target.close();
    }
  } finally {
    source.close();
  }
}

async function tellPlan(source: MovingSource, target: MovingTarget): Promise<void> {
  await assertCopyable(source, target);
  print(`Would copy ${told(countsOf(source))}. Nothing was copied.`);
}

async function move(source: MovingSource, target: MovingTarget, name: string): Promise<void> {
  const bar = createProgressBar("Copying and comparing");
  const options = { targetName: name, at: new Date().toISOString(), onProgress: bar.at };
  const { counts, written, hash } = await copyStore(source, target, options).finally(bar.end);
  print(`Moved ${told(counts)}: ${written} written, all compared.`);
  print(`Hash over all records, the same on both sides: ${hash}`);
  print(
    `The file is marked as moved to ${name}: no service opens it any more. Keep it as a backup.`,
  );
  print("Now set DATABASE_URL to the target, keep CARD_KEY, and start the service.");
}

function told(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).map(([kind, count]) => `${count} ${kind}`).join(", ");
}

function mongoUrl(given: string | undefined): string {
  if (given !== undefined && /^mongodb(?:\+srv)?:\/\/[^/?]/.test(given)) return given;
  throw new UsageError("--to (or TARGET_URL) must be mongodb://… or mongodb+srv://…");
}

/** Without what may be secret: user, password and options. */
function nameOf(url: string): string {
  const [, scheme, rest = ""] = /^(mongodb(?:\+srv)?):\/\/(.*)$/.exec(url) ?? [];
  return `${scheme}://${rest.replace(/^.*@/, "").replace(/\?.*$/, "")}`;
}
