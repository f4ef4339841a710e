// `deno run --allow-all tasks/install_mongo.ts`: puts the MongoDB for tests into the user's cache folder; needs Python 3.11.

import { mongoFolder, mongoProgram, SECANTUS } from "./local_mongo.ts";
import { print } from "./print.ts";

async function install(): Promise<string> {
  const there = mongoProgram();
  if (there !== undefined) return `It is there already: ${there}`;
  const folder = mongoFolder();
  if (folder === undefined) throw new Error("neither HOME nor TMPDIR names a folder");
  await run("python3", "-m", "venv", folder);
  await run(`${folder}/bin/python`, "-m", "pip", "install", "--quiet", "--pre", SECANTUS);
  return `Installed: ${mongoProgram()}`;
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { code } = await new Deno.Command(program, { args, stdout: "null" }).output();
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}`);
}

try {
  print(await install());
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  print(`Cannot install the MongoDB for tests as ${reason}`);
  Deno.exit(1);
}
