// `deno task restore`: a backup becomes the SQLite file of the service, which then starts fenced.

import { parseArgs } from "node:util";
import { type Restored, restoreDatabase } from "../adapters/sqlite/restore_database.ts";
import { print } from "./print.ts";
import { createProgressBar } from "./progress_bar.ts";
import { runTask, sqlitePath, UsageError } from "./run_task.ts";

const HELP = `deno task restore BACKUP [--to sqlite:PATH]

Puts a copy of BACKUP in the place of the SQLite database. Stop the service first: it is refused while
anything has the database open. The backup is checked before anything is touched; the file that it
replaces is kept beside it. The service then starts fenced: it sends nothing until a person resumes.

  BACKUP   a file that "deno task backup" made (or one that an earlier restore kept)
  --to     the database; without it DATABASE_URL, else sqlite:data/konsol.db
  --help   this text

Exit codes: 0 done, 1 refused or failed (the old file is in place), 64 wrong arguments.`;

await runTask(HELP, async () => {
  const { values, positionals } = parseArgs({
    options: { to: { type: "string" } },
    allowPositionals: true,
  });
  const [backup, ...more] = positionals;
  if (backup === undefined || more.length > 0) throw new UsageError("Name one backup to restore.");
  const from = sqlitePath(backup, "BACKUP");
  const to = sqlitePath(values.to, "--to");
  const bar = createProgressBar("Copying");
  const at = new Date().toISOString();
  const restored = await restoreDatabase(from, to, { at, onProgress: bar.at }).finally(bar.end);
  tellRestored(from, to, restored);
});

function tellRestored(from: string, to: string, { report, keptAs }: Restored): void {
  const { queued = 0, submitting = 0, in_doubt = 0, review = 0 } = report.submissions;
  const newest = report.newestPaymentAt;
  print(`Restored ${from} to ${to}: ${report.rows.payments} payments, checked.`);
  if (newest !== undefined) print(`Its newest payment is of ${new Date(newest).toISOString()}.`);
  if (keptAs !== undefined) print(`The file that it replaced is kept as ${keptAs}.`);
  print(`
What happens next, when the service is started:
  1. Sending is paused, durably, until a person resumes it.
  2. ${
    queued + submitting
  } payments that the backup shows as unsent become in doubt, as they may have been sent
     since; with the ${in_doubt} in doubt and the ${review} in review they are looked for at Konsol.
  3. Konsol's list is read, twice, for payments of ours that the backup lacks. GET /readyz says how far
     that is and how many there are; until it is done, resuming is answered 409.
  4. You: look at GET /konsol/reviews and at what is lacking, then POST /konsol/submission/resume.
See docs/operations.md, "Restore".`);
}
