// Exactly what the two programs may do, as flags of `deno run`; deno.json repeats the first.

import { SETTING_NAMES } from "../adapters/system/config.ts";

/**
 * A second wall behind the rules of callbacks: where clouds keep the credentials of their machines, and
 * what is on no Internet at all. Nobody's Konsol or database is there; private networks are not in it, as
 * they may be. Deno 2.9.6 takes ranges of IPv4, but single addresses only of IPv6.
 */
const NEVER_CALLED: readonly string[] = [
  "169.254.0.0/16",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "[fd00:ec2::254]",
  "[fd20:ce::254]",
];

/**
 * The service: the network but for those, its settings by name, and the folder that its database is in. MongoDB's
 * driver looks at more of the environment and is told that nothing is there; of the system it asks the
 * release, for its greeting to the server.
 */
export function servicePermissions(dataFolder: string): string[] {
  return [
    "--no-prompt",
    "--allow-net",
    `--deny-net=${NEVER_CALLED.join(",")}`,
    `--allow-env=${SETTING_NAMES.join(",")}`,
    "--ignore-env",
    "--allow-sys=osRelease",
    `--allow-read=${dataFolder}`,
    `--allow-write=${dataFolder}`,
  ];
}

/** The sandbox: the network, the environment, and the folder of its state. */
export function sandboxPermissions(stateFolder: string): string[] {
  return [
    "--no-prompt",
    "--allow-net",
    "--allow-env",
    `--allow-read=${stateFolder}`,
    `--allow-write=${stateFolder}`,
  ];
}

/** The folder of a file named by a setting: "." when it names none. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return ".";
  return slash === 0 ? "/" : path.slice(0, slash);
}

/** The folder of the database's file; one that is not used where the database is a server. */
export function databaseFolder(databaseUrl: string): string {
  return databaseUrl.startsWith("mongodb") ? "data" : folderOf(databaseUrl.replace(/^sqlite:/, ""));
}
