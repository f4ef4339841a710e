// `deno task backup`: one checked copy of the SQLite file, also while the service runs.

import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { backupDatabase } from "../adapters/sqlite/backup_database.ts";
import { print } from "./print.ts";
import { createProgressBar } from "./progress_bar.ts";
import { runTask, sqlitePath } from "./run_task.ts";

const HELP = `deno task backup [--from sqlite:PATH] [--to FILE]

Copies the SQLite database into a new file, also while the service writes to it. The copy is one moment
of it, is checked (every page, every index, the number of rows of every table), has mode 0600 and is
given its name only then. An existing file is never overwritten.

  --from   the database; without it DATABASE_URL, else sqlite:data/konsol.db
  --to     the new file; without it backups/NAME-TIME.db beside the database
  --help   this text

Phones are in it in clear, card numbers only sealed: keep it like the database, and CARD_KEY elsewhere.
To bring one back: deno task restore. Exit codes: 0 done, 1 failed (nothing is left), 64 wrong arguments.`;

await runTask(HELP, async () => {
  const { values } = parseArgs({
    options: { from: { type: "string" }, to: { type: "string" } },
  });
  const from = sqlitePath(values.from, "--from");
  const to = values.to ?? defaultTarget(from, new Date());
  const bar = createProgressBar("Copying");
  const report = await backupDatabase(from, to, bar.at).finally(bar.end);
  const { size } = await Deno.stat(to);
  const rows = Object.entries(report.rows).map(([name, count]) => `${count} ${name}`).join(", ");
  print(`Backed up ${from} to ${to}: ${(size / 1e6).toFixed(1)} MB, checked.`);
  print(`Rows: ${rows}.`);
});

function defaultTarget(from: string, now: Date): string {
  const name = basename(from).replace(/\.[^.]+$/, "");
  const stamp = now.toISOString().replaceAll(/[:.]/g, "-");
  return join(dirname(from), "backups", `${name}-${stamp}.db`);
}
