// The MongoDB that tests run against: TEST_MONGODB_URL's, else one that is started here, else none.

import { type Document, MongoClient } from "mongodb";
import { CALLBACKS } from "../../adapters/mongo/callback_document.ts";
import { INVOICES } from "../../adapters/mongo/invoice_document.ts";
import {
  type MongoStoresOptions,
  openMongoStores,
} from "../../adapters/mongo/open_mongo_stores.ts";
import { PAYMENTS } from "../../adapters/mongo/payment_document.ts";
import { WEBHOOKS } from "../../adapters/mongo/webhook_document.ts";
import { mongoProgram, startLocalMongo } from "../../tasks/local_mongo.ts";

export interface TestMongo {
  readonly url: string;
  /** The URL with a database in it that no other test has, and that is dropped at the end. */
  ownDatabase(): string;
  /** Stores on an empty database of their own. */
  openStores(options?: MongoStoresOptions): ReturnType<typeof openStores>;
}

/** For one test file, which ends it by itself; undefined where there is none to run against. */
export async function mongoForTests(): Promise<TestMongo | undefined> {
  const given = Deno.env.get("TEST_MONGODB_URL");
  const program = mongoProgram();
  if (!given && program === undefined) return undefined;
  const storage = await Deno.makeTempDir();
  const started = given ? undefined : await startLocalMongo(program ?? "", storage);
  const url = given || started?.url || "";
  const owned = new Set<string>();
  const wiped: string[] = [];
  const ownDatabase = () => {
    const own = withDatabase(url, `test_${crypto.randomUUID()}`);
    owned.add(own);
    return own;
  };
  Deno.test.afterAll(async () => {
    if (!started) { for (const own of owned) await inDatabase(own, (db) => db.dropDatabase()); }
    await started?.kill();
    await Deno.remove(storage, { recursive: true });
  });
  return {
    url,
    ownDatabase,
    openStores: (options) => openStores(wiped.pop() ?? ownDatabase(), wiped, options),
  };
}

async function openStores(url: string, wiped: string[], options?: MongoStoresOptions) {
  const stores = await openMongoStores(url, options);
  let open = true;
  return {
    ...stores,
    url,
    async close() {
      await stores.close();
      if (!open) return;
      open = false;
      await inDatabase(url, wipe);
      wiped.push(url);
    },
    fill: (items: readonly { readonly id: string }[]) => inDatabase(url, (db) => fill(db, items)),
  };
}

/** What `use` gives, through a connection of its own. */
export async function inDatabase<Answer>(
  url: string,
  use: (database: ReturnType<MongoClient["db"]>) => Promise<Answer>,
): Promise<Answer> {
  const client = new MongoClient(url);
  try {
    return await use(client.db());
  } finally {
    await client.close();
  }
}

function withDatabase(url: string, name: string): string {
  return url.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)\/?[^?]*/, `$1/${name}`);
}

export async function wipe(database: ReturnType<MongoClient["db"]>): Promise<void> {
  const collections = await database.listCollections({}, { nameOnly: true }).toArray();
  await Promise.all(collections.map(({ name }) => database.collection(name).deleteMany({})));
}

/** Kinds are told by their ids. */
async function fill(
  database: ReturnType<MongoClient["db"]>,
  items: readonly { readonly id: string }[],
): Promise<void> {
  const mappings = { pay_: PAYMENTS, inv_: INVOICES, whk_: WEBHOOKS, evt_: CALLBACKS };
  for (const [prefix, { collection, toDocument }] of Object.entries(mappings)) {
    const write = toDocument as (item: unknown) => Document;
    const documents = items.filter(({ id }) => id.startsWith(prefix)).map((item) => write(item));
    if (documents.length > 0) await database.collection(collection).insertMany(documents);
  }
}
