// Documents of the seed's own shape must be brought over before the service works on their collection.

import type { Db } from "mongodb";
import { INVOICES } from "./invoice_document.ts";
import { BOUNDED } from "./mongo_connection.ts";
import { isMarked, untakenCollection } from "./older_collections.ts";
import { PAYMENTS } from "./payment_document.ts";
import { WEBHOOKS } from "./webhook_document.ts";

/** Our ids are texts. Beanie, which the seed used, made ids of another type: they lie together in the index. */
export async function refuseOlderShape(database: Db): Promise<void> {
  if (await isMarked(database)) {
    throw new Error(
      "older documents are not all brought over yet: run deno task migrate to its end",
    );
  }
  const untaken = await untakenCollection(database);
  if (untaken !== undefined) {
    throw new Error(
      `${untaken} holds an older service's documents, whose payments would not be known here: ` +
        "run deno task migrate first, or name another database",
    );
  }
  const older = { _id: { $type: "objectId" as const } };
  for (const { collection } of [PAYMENTS, INVOICES, WEBHOOKS]) {
    if (await database.collection(collection).findOne(older, BOUNDED) === null) continue;
    throw new Error(
      `${collection} holds documents of an older shape: run deno task migrate first`,
    );
  }
}
