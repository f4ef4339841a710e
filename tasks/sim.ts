// `deno task sim`: the simulation, in a process of its own; arguments go to tests/simulation/run.ts.

const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["run", "--allow-all", "tests/simulation/run.ts", ...Deno.args],
  cwd: new URL("..", import.meta.url).pathname,
}).spawn().status;
Deno.exit(code);
