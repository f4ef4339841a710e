// The whole-app tests once more, with payments kept in MongoDB over a socket.

import { mongoForTests } from "../support/mongo_server.ts";
import { storesOfRigs } from "./rig.ts";

const mongo = await mongoForTests();

if (mongo !== undefined) {
  storesOfRigs.open = () => mongo.openStores();
  await import("./payments_test.ts");
  await import("./webhooks_and_claims_test.ts");
  await import("./callbacks_test.ts");
}
