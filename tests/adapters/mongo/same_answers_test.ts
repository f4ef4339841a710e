// The stores in memory and in MongoDB give the same answers, whatever is asked in whatever order.

import { holdToMemory, storeSteps } from "../../contracts/same_answers.ts";
import { inDatabase, mongoForTests, wipe } from "../../support/mongo_server.ts";
import { IS_THOROUGH } from "../../support/thoroughness.ts";

/** Of each of the five kinds of call: a server over a socket takes about a tenth of a second for one. */
const SEQUENCES = IS_THOROUGH ? 30 : 10;

const mongo = await mongoForTests();

/** BSON dates are whole milliseconds, and an event's id is only looked at when the event is told. */
const steps = storeSteps({ toFractions: false, toNewEventIds: false });

if (mongo !== undefined) {
  for (const [port, step] of Object.entries(steps)) {
    const title = `Memory${port} and Mongo${port} give any calls the same answers`;
    Deno.test(`${title}, in ${SEQUENCES} random sequences`, async () => {
      const stores = await mongo.openStores();
      const emptied = async () => {
        await inDatabase(stores.url, wipe);
        return { ...stores, close: () => Promise.resolve() };
      };
      await holdToMemory(step, emptied, SEQUENCES);
      await stores.close();
    });
  }
}
