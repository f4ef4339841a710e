// Which URIs and servers money can be kept with: anything weaker is refused at the start, with the reason.

import type { Document, MongoOptions } from "mongodb";

/** 6.0 and older get no more fixes. */
const VERSION_MIN = [7, 0] as const;

/** What the URI asks for must not be less than what every call gets anyway. */
export function assertSafeUri(options: MongoOptions): void {
  const { writeConcern, readPreference, readConcern } = options;
  const w = writeConcern?.w;
  if (w !== undefined && w !== "majority") {
    throw new Error(`its w must be majority, or a failover loses payments: ${w}`);
  }
  if ((writeConcern?.journal ?? writeConcern?.j) === false) {
    throw new Error("its journal must not be false, or a crash loses payments");
  }
  if (readPreference !== undefined && readPreference.mode !== "primary") {
    throw new Error(`its readPreference must be primary: ${readPreference.mode}`);
  }
  if (readConcern !== undefined && readConcern.level !== "majority") {
    throw new Error(`its readConcernLevel must be majority: ${readConcern.level}`);
  }
  if (options.retryWrites === false) throw new Error("its retryWrites must not be false");
}

/** `hello` and `buildInfo` as the server answers them. */
export function assertServer(hello: Document, buildInfo: Document): void {
  const [major = 0, minor = 0] = String(buildInfo.version).split(".").map(Number);
  const [majorMin, minorMin] = VERSION_MIN;
  if (major < majorMin || (major === majorMin && minor < minorMin)) {
    const least = VERSION_MIN.join(".");
    throw new Error(`the server must be at least MongoDB ${least}: ${buildInfo.version}`);
  }
  const isReplicated = hello.setName !== undefined || hello.msg === "isdbgrid";
  if (!isReplicated) {
    throw new Error("the server must be a replica set, one member is enough, or a sharded cluster");
  }
}
