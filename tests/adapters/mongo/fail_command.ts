// Makes a server fail chosen commands of one client, as `configureFailPoint: failCommand` of MongoDB does.

import type { Document } from "mongodb";
import { inDatabase, type TestMongo } from "../../support/mongo_server.ts";

export interface Failing {
  /** Fails the next `times` commands with these names; all of them until `mend` when it is absent. */
  fail(commands: readonly string[], how: Document, times?: number): Promise<void>;
  mend(): Promise<void>;
}

/** Stores whose client alone is failed, however many others use the server. */
export async function openFailing(
  mongo: TestMongo,
  options: Parameters<TestMongo["openStores"]>[0] = {},
) {
  const appName = `failing-${crypto.randomUUID()}`;
  const stores = await mongo.openStores({ ...options, driver: { ...options.driver, appName } });
  const configure = (mode: unknown, data?: Document) =>
    inDatabase(mongo.url, async (database) => {
      const command = { configureFailPoint: "failCommand", mode, ...(data && { data }) };
      await database.admin().command(command);
    });
  const failing: Failing = {
    fail: (failCommands, how, times) =>
      configure(times === undefined ? "alwaysOn" : { times }, { appName, failCommands, ...how }),
    mend: () => configure("off"),
  };
  return { stores, ...failing };
}
