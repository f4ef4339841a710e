// A program that uses up its files and then calls Konsol; prints what became of the call. Run under ulimit.

import { transportTo } from "./rig.ts";

using transport = transportTo(Deno.args[0] ?? "");
const files: Deno.FsFile[] = [];
try {
  while (true) files.push(Deno.openSync("/dev/null"));
} catch { /* The limit is reached. */ }
const raw = await transport.send({ method: "POST", path: "/", body: {} });
files.forEach((file) => file.close());
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(raw)));
