// `deno task migrate`: documents of the seed's own shape in MongoDB become what the service works with.

import { parseArgs } from "node:util";
import { OlderCollections } from "../adapters/mongo/older_collections.ts";
import { openMongoStores } from "../adapters/mongo/open_mongo_stores.ts";
import { SETTINGS } from "../adapters/system/settings_schema.ts";
import { createVault } from "../adapters/vault/vault.ts";
import { assertOwnMark, assertSameCardKey, CARD_KEY_MARK } from "../application/card_key_check.ts";
import type { Vault } from "../application/ports.ts";
import { type Migrated, migrateStore } from "./migrate_store.ts";
import { print } from "./print.ts";
import { createProgressBar } from "./progress_bar.ts";
import { runTask, UsageError } from "./run_task.ts";

const HELP = `deno task migrate [--on mongodb://HOST/DATABASE] [--dry-run] [--leave-rest]

Brings documents of the older service (amount as a number, card_number in clear) over: konsol_payments,
konsol_invoices, konsol_webhook_logs, or KonsolPayment, KonsolInvoice, KonsolWebhookLog. Stop the older
service first. Needs CARD_KEY. Each is stored in the new shape and then removed in the old one:

  ended                      stays ended; its card number is shredded
  open, with a konsol_id     is followed at Konsol; its card number is shredded
  open, without a konsol_id  is a review: it may have been sent. Never sent by itself; number sealed
  not understood             is listed and left untouched, in konsol_…_older or where it was

external_ids keep their meaning: a client that asks again gets the same payment. If it breaks off, run it
again. Until it is through no service starts on the database.

  --on          the database; without it DATABASE_URL
  --dry-run     reads and understands everything, writes nothing
  --leave-rest  ends it although some are not understood: nothing then stops a client from asking for
                those again, and nobody follows them; their card numbers stay there in clear: remove them
  --help        this text

Exit codes: 0 done, 1 some are left or it broke off, 64 wrong arguments.`;

await runTask(HELP, async () => {
  const { values } = parseArgs({
    options: {
      on: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      "leave-rest": { type: "boolean", default: false },
    },
  });
  const url = values.on ?? Deno.env.get("DATABASE_URL") ?? "";
  if (!/^mongodb(?:\+srv)?:\/\/[^/?]/.test(url)) {
    throw new UsageError("--on (or DATABASE_URL) must be mongodb://… or mongodb+srv://…");
  }
  const key = SETTINGS.CARD_KEY.safeParse(Deno.env.get("CARD_KEY"));
  if (!key.success) throw new UsageError("CARD_KEY must be 32 bytes in base64: the service's own");
  const vault = createVault(key.data.reveal());
  const older = await OlderCollections.open(url);
  try {
    assertOwnMark(await older.sharedValue(CARD_KEY_MARK), vault);
    if (values["dry-run"]) await tryOut(older, vault);
    else await migrate(older, url, vault, values["leave-rest"]);
  } finally {
    await older.close();
  }
});

async function tryOut(older: OlderCollections, vault: Vault): Promise<void> {
  const bar = createProgressBar("Reading");
  const options = { vault, now: Date.now(), onProgress: bar.at };
  const migrated = await migrateStore(older, options).finally(bar.end);
  tell("Would bring over", migrated);
  print("Nothing was written.");
}

async function migrate(
  older: OlderCollections,
  url: string,
  vault: Vault,
  leaveRest: boolean,
): Promise<void> {
  await older.setAside();
  const stores = await openMongoStores(url, { migrating: true });
  try {
    await assertSameCardKey({ ...stores, vault });
    await older.returnOurs();
    const bar = createProgressBar("Bringing over");
    const options = { vault, now: Date.now(), stores, onProgress: bar.at };
    const migrated = await migrateStore(older, options).finally(bar.end);
    tell("Brought over", migrated);
    const { length } = migrated.left;
    if (length > 0 && !leaveRest) {
      throw new Error(
        `${length} are left, untouched: mend them there and run this again, or end it without them ` +
          "(--leave-rest). Until then no service starts on this database.",
      );
    }
    await older.finish();
    print("Done: the service can be started. Reviews are under GET /konsol/reviews.");
  } finally {
    await stores.close();
  }
}

function tell(verb: string, { became, left }: Migrated): void {
  const parts = Object.entries(became).sort().map(([what, count]) => `${count} ${what}`);
  print(`${verb} ${parts.join(", ") || "nothing"}.`);
  for (const { source, id, reason } of left) print(`left: ${source} ${id}: ${reason}`);
}
