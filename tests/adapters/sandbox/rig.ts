// A sandbox of its own for one test: with a client that never sends twice and a receiver of webhooks.
import {
  createSandbox,
  type Sandbox,
  type SandboxOptions,
} from "../../../adapters/sandbox/create_sandbox.ts";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON object in `text`, empty when it is none. */
  readonly body: Record<string, unknown>;
}

export interface Witnessed {
  creates_received: number;
  creates_executed: number;
  executed: Record<string, unknown>[];
  webhooks_sent: number;
  webhooks_delivered: number;
  balance: number;
}

export const token = "test_token";
export const never = 3_600_000;

export const cardPayment = {
  amount: 1000,
  currency: "RUB",
  description: "Оплата услуг",
  payment_method: "card",
  card_number: "1234567890123456",
  user_id: 123456789,
  external_id: "order_123",
  metadata: { payment_id: "ours_1", payment_type: "card_payment" },
};

export const phonePayment = {
  amount: "1000.50",
  currency: "RUB",
  payment_method: "phone",
  phone_number: "+79123456789",
  bank: "Сбербанк",
};

export class Rig implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0, http2: false });

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  static async open(options: SandboxOptions = {}): Promise<Rig> {
    return new Rig(await createSandbox({ token, stepMs: 5, webhookRetryMs: 5, ...options }));
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    init: RequestInit & { bearer?: string } = {},
  ): Promise<Answered> {
    const response = await fetch(this.sandbox.url + path, {
      method,
      headers: { authorization: `Bearer ${init.bearer ?? token}` },
      body: typeof body === "string" || body === undefined ? body : JSON.stringify(body),
      redirect: "manual",
      signal: init.signal,
      client: this.#client,
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: objectIn(text) };
  }

  create(fields: Record<string, unknown> = {}, init?: RequestInit): Promise<Answered> {
    return this.call("POST", "/api/payments", { ...cardPayment, ...fields }, init);
  }

  async createdId(fields: Record<string, unknown> = {}): Promise<string> {
    return String((await this.create(fields)).body.id);
  }

  get(id: unknown): Promise<Answered> {
    return this.call("GET", `/api/payments/${id}`);
  }

  async statusOf(id: unknown): Promise<unknown> {
    return (await this.get(id)).body.status;
  }

  async fault(fault: string, fields: Record<string, unknown> = {}): Promise<void> {
    const { status, text } = await this.call("POST", "/sandbox/faults", { fault, ...fields });
    if (status !== 200) throw new Error(`Cannot ask for the fault ${fault}: ${text}`);
  }

  move(id: unknown, status: string): Promise<Answered> {
    return this.call("POST", `/sandbox/payments/${id}/status`, { status });
  }

  async witness(): Promise<Witnessed> {
    return (await this.call("GET", "/sandbox/state")).body as unknown as Witnessed;
  }

  async balance(): Promise<unknown> {
    return (await this.call("GET", "/api/balance")).body.balance;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close();
    this.#client.close();
  }
}

function objectIn(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
