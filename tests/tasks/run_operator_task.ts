// Runs an operator's task as deno.json says it, and gives what it printed and how it ended.

export interface TaskRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = new URL("../../", import.meta.url);

export async function runOperatorTask(
  task: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<TaskRun> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const command: string[] = tasks[task].command.replace("--env-file ", "").split(" ");
  const ran = await new Deno.Command(Deno.execPath(), {
    args: [...command.slice(1), ...args],
    cwd: ROOT.pathname,
    env: { ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code: ran.code, stdout: text.decode(ran.stdout), stderr: text.decode(ran.stderr) };
}
