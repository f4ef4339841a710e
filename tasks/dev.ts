// `deno task dev`: the service and the sandbox on this machine, restarted when a file changes, until Ctrl-C.

import { untilSignal } from "../adapters/system/signals.ts";
import { type LocalStack, startLocalStack } from "./local_stack.ts";
import { print } from "./print.ts";

const WATCHED = ["domain", "application", "adapters", "main.ts"];
/** An editor writes a file in several steps: changes this close together are one. */
const SETTLE_MS = 200;

const stopped = untilSignal();
try {
  const stack = await startLocalStack({ env: Deno.env.toObject(), onLine: printLine });
  print(welcome(stack));
  const watcher = Deno.watchFs(WATCHED);
  const watching = restartOnChange(stack, watcher);
  await stopped;
  print("\nStopping both …");
  watcher.close();
  await watching;
  await stack.stop();
  print("Stopped.");
  Deno.exit(0);
} catch (error) {
  print(`Cannot start: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}

function welcome(stack: LocalStack): string {
  const konsol = stack.sandboxUrl
    ? `${stack.sandboxUrl}  (the sandbox, in place of konsol.pro)`
    : `${stack.env.KONSOL_BASE_URL}  (from KONSOL_BASE_URL: real money may move)`;
  const serviceUrl = stack.serviceUrl.replace("127.0.0.1", "localhost");
  return `
  Service  ${serviceUrl}
  Konsol   ${konsol}
  Token    ${stack.token}

Pay by card (copy it; then look at ${serviceUrl}/konsol/payments the same way):

curl -X POST ${serviceUrl}/konsol/payments \\
  -H 'Authorization: Bearer ${stack.token}' \\
  -H 'Content-Type: application/json' \\
  -d '{"amount": 1000.00, "currency": "RUB", "description": "Оплата услуг",
       "payment_type": "card_payment", "card_number": "1234567890123456",
       "user_id": 123456789, "external_id": "order_123"}'

A changed file restarts the service. Ctrl-C ends both.
`;
}

async function restartOnChange(stack: LocalStack, watcher: Deno.FsWatcher): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sandboxToo = false;
  let restarting = Promise.resolve();
  for await (const { kind, paths } of watcher) {
    if (kind === "access" || !paths.some((path) => path.endsWith(".ts"))) continue;
    sandboxToo ||= paths.some((path) => path.includes("/adapters/sandbox/"));
    clearTimeout(timer);
    timer = setTimeout(() => {
      const withSandbox = sandboxToo;
      sandboxToo = false;
      restarting = restarting.then(() => restart(stack, withSandbox));
    }, SETTLE_MS);
  }
  clearTimeout(timer);
  await restarting;
}

async function restart(stack: LocalStack, withSandbox: boolean): Promise<void> {
  print("A file changed: restarting …");
  try {
    if (withSandbox) await stack.restartSandbox();
    await stack.restartService();
    print("Restarted.");
  } catch (error) {
    print(`${error instanceof Error ? error.message : error} Mend the file and save it again.`);
  }
}

function printLine(name: string, line: string): void {
  print(`${name.padEnd(8)}| ${line}`);
}
