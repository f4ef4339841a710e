// Connects to the database of a URI: with settings that no URI can weaken, and only to a server that fits.

import { type Db, type Document, MongoClient, type MongoClientOptions } from "mongodb";
import { BOUNDED } from "./mongo_connection.ts";
import { assertSafeUri, assertServer } from "./server_rules.ts";

/** Where the URI names none. */
const DATABASE = "konsol";

/** All waits of the driver are bounded, so that a lost server is told within seconds. */
const FIXED: MongoClientOptions = {
  writeConcern: { w: "majority", journal: true },
  readConcern: { level: "majority" },
  readPreference: "primary",
  retryWrites: true,
  retryReads: true,
  connectTimeoutMS: 3_000,
  serverSelectionTimeoutMS: 4_000,
  waitQueueTimeoutMS: 4_000,
  /** Longer than the server may work on a call. */
  socketTimeoutMS: 8_000,
  heartbeatFrequencyMS: 2_000,
  appName: "konsol-payments",
};

export interface MongoOptions {
  /** For tests that hurry the driver. */
  readonly driver?: MongoClientOptions;
  /** Gets every command as it is sent. */
  readonly onCommand?: (command: Document) => void;
}

export interface Connected {
  readonly client: MongoClient;
  readonly database: string;
}

/** Throws, saying why, when the URI or the server is none for money. */
export async function connectMongo(url: string, options: MongoOptions = {}): Promise<Connected> {
  assertSafeUri(new MongoClient(url).options);
  const { driver, onCommand } = options;
  const client = new MongoClient(url, { ...FIXED, ...driver, monitorCommands: !!onCommand });
  client.on("commandStarted", ({ command }) => onCommand?.(command));
  try {
    await client.connect();
    await assertFits(client.db("admin"));
    return { client, database: databaseOf(url) };
  } catch (error) {
    await client.close();
    throw error;
  }
}

export function databaseOf(url: string): string {
  const [, name] = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(url) ?? [];
  return name === undefined ? DATABASE : decodeURIComponent(name);
}

async function assertFits(admin: Db): Promise<void> {
  const [hello, buildInfo] = await Promise.all([
    admin.command({ hello: 1, ...BOUNDED }),
    admin.command({ buildInfo: 1, ...BOUNDED }),
  ]);
  assertServer(hello, buildInfo);
}
