// Laws of tasks/permissions.ts.

import assert from "node:assert/strict";
import { servicePermissions } from "../../tasks/permissions.ts";

/** Where clouds keep the credentials of the machines that run in them. */
const METADATA = [
  "169.254.169.254",
  "::ffff:169.254.169.254",
  "169.254.170.2",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd20:ce::254",
];
const ASK = `
  for (const hostname of JSON.parse(Deno.args[0])) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const told = await Deno.connect({ hostname, port: hostname === "127.0.0.1" ? listener.addr.port : 80 })
      .then((connection) => (connection.close(), "connected"), (error) => error.name);
    console.log(told);
    listener.close();
  }
`;

Deno.test("servicePermissions() deny the addresses of metadata by themselves, and not this machine", async () => {
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(script, ASK);
  const hosts = [...METADATA, "127.0.0.1"];
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...servicePermissions("data"), script, JSON.stringify(hosts)],
    stderr: "null",
  }).output();
  await Deno.remove(script);
  const told = new TextDecoder().decode(stdout).trim().split("\n");
  assert.deepEqual(told, [...METADATA.map(() => "NotCapable"), "connected"]);
});
