// `deno task demo`: the whole service shown at work on free ports, each step with its HTTP exchange, and checked.

import { type Exchange, Http } from "./demo_http.ts";
import { type LocalStack, startLocalStack } from "./local_stack.ts";
import { print } from "./print.ts";

const UNTIL_TRIES_MAX = 200;
const UNTIL_EVERY_MS = 50;

interface Step {
  readonly title: string;
  readonly run: (http: Http) => Promise<void>;
}

const card = {
  amount: 1000.00,
  currency: "RUB",
  description: "Оплата услуг",
  payment_type: "card_payment",
  card_number: "1234567890123456",
  user_id: 123456789,
  external_id: "order_123",
  metadata: { order_id: "123", product: "premium" },
};

const phone = {
  amount: 1000.00,
  currency: "RUB",
  description: "Оплата услуг",
  payment_type: "phone_payment",
  phone_number: "+79123456789",
  bank: "Сбербанк",
  user_id: 123456789,
  external_id: "order_124",
};

const claim = {
  amount: "2500.50",
  user_id: 123456789,
  payment_method: "phone",
  phone_number: "8 (912) 345-67-89",
  bank: "Тинькофф",
};

/** The sandbox keeps an amount with these kopecks processing for ever. */
const staysProcessing = { ...card, amount: 500.02, external_id: "order_125" };

let cardId = "";
let openId = "";

const STEPS: readonly Step[] = [
  {
    title: "Pay by card",
    async run(http) {
      const made = await http.send("POST", "/konsol/payments", card);
      must(made, 201);
      cardId = String(made.json.id);
      mustBe("card_number", made.json.card_number, "123456******3456");
    },
  },
  {
    title: "The same request again makes no second payment",
    async run(http) {
      const again = await http.send("POST", "/konsol/payments", card);
      must(again, 200);
      mustBe("id", again.json.id, cardId);
    },
  },
  {
    title: "Pay by phone and bank",
    run: async (http) => must(await http.send("POST", "/konsol/payments", phone), 201),
  },
  {
    title: "Konsol's webhooks arrive: the card payment completes",
    run: (http) => untilStatus(http, () => cardId, "completed"),
  },
  {
    title: "Its history, each change with its cause",
    async run(http) {
      const history = await http.send("GET", `/konsol/payments/${cardId}/events`);
      must(history, 200);
      mustBe("last move", history.items.at(-1)?.move, "T12");
    },
  },
  {
    title: "List the completed ones",
    async run(http) {
      const path = "/konsol/payments?status=completed&currency=RUB&page=1&per_page=10";
      const list = await http.send("GET", path);
      must(list, 200);
      mustBe("newest completed", list.items.some(({ id }) => id === cardId), true);
    },
  },
  {
    title: "Update the description",
    async run(http) {
      const words = { description: "Обновленное описание" };
      const updated = await http.send("PUT", `/konsol/payments/${cardId}`, words);
      must(updated, 200);
      mustBe("description", updated.json.description, words.description);
    },
  },
  {
    title: "Cancel a payment that Konsol still holds",
    async run(http) {
      const open = await http.send("POST", "/konsol/payments", staysProcessing);
      must(open, 201);
      openId = String(open.json.id);
      const cancelled = await http.send("DELETE", `/konsol/payments/${openId}`);
      must(cancelled, 200);
      mustBe("status", cancelled.json.status, "cancelled");
    },
  },
  {
    title: "Ask for the balance",
    run: async (http) => must(await http.send("GET", "/konsol/balance"), 200),
  },
  {
    title: "Accept a claim: it becomes a payment by itself",
    async run(http) {
      const accepted = await http.send("POST", "/konsol/claims/77/accept", claim);
      must(accepted, 201);
      mustBe("external_id", accepted.json.external_id, "claim_77");
    },
  },
  {
    title: "Accept it again: still one payment",
    run: async (http) => must(await http.send("POST", "/konsol/claims/77/accept", claim), 200),
  },
  {
    title: "The webhook log",
    run: async (http) => must(await http.send("GET", "/konsol/webhooks?per_page=3"), 200),
  },
];

async function main(): Promise<void> {
  const begun = performance.now();
  const folder = await Deno.makeTempDir({ prefix: "konsol-demo-" });
  const lines: string[] = [];
  let stack: LocalStack | undefined;
  let done = 0;
  try {
    stack = await startLocalStack({
      env: demoEnv(folder),
      onLine: (name, line) => lines.push(`${name}| ${line}`),
    });
    const http = new Http(stack.serviceUrl, stack.token);
    for (const step of STEPS) {
      await runStep(step, ++done, http);
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    print(`\nDemo: ${STEPS.length} steps of ${STEPS.length} right in ${seconds} s.`);
  } catch (error) {
    print(`\n${lines.slice(-20).join("\n")}`);
    print(`\nDemo: step ${done} of ${STEPS.length} is wrong: ${messageOf(error)}`);
    Deno.exitCode = 1;
  } finally {
    await stack?.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Free ports and a folder of its own, unless the environment says otherwise. */
function demoEnv(folder: string): Record<string, string> {
  const set = Object.entries(Deno.env.toObject()).filter(([, value]) => value !== "");
  return {
    PORT: "0",
    SANDBOX_PORT: "0",
    SANDBOX_STATE: `${folder}/sandbox.json`,
    SANDBOX_STEP_MS: "300",
    DATABASE_URL: `sqlite:${folder}/konsol.db`,
    ...Object.fromEntries(set),
  };
}

async function runStep(step: Step, number: number, http: Http): Promise<void> {
  print(`\n── ${number}. ${step.title}`);
  const begun = performance.now();
  await step.run(http);
  print(`   ✓ ${Math.round(performance.now() - begun)} ms`);
}

async function untilStatus(http: Http, id: () => string, status: string): Promise<void> {
  for (let tries = 0; tries < UNTIL_TRIES_MAX; tries++) {
    const shown = await http.quietly("GET", `/konsol/payments/${id()}`);
    if (shown.json.status === status) {
      http.print(shown);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, UNTIL_EVERY_MS));
  }
  throw new Error(`the payment did not become ${status} in time`);
}

function must(exchange: Exchange, status: number): void {
  mustBe(`status of ${exchange.method} ${exchange.path}`, exchange.status, status);
}

function mustBe(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what} is ${actual}, expected ${expected}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

await main();
