// Stands for the service that Konsol calls: keeps every webhook it gets and answers as it is told.

export interface ReceivedWebhook {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly timestamp: string;
  readonly signature?: string;
}

export class WebhookReceiver implements AsyncDisposable {
  readonly received: ReceivedWebhook[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** `answer` is asked with how many webhooks came, this one included. */
  constructor(answer: (count: number) => Response = () => new Response()) {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (request) => {
        this.received.push(await request.json());
        return answer(this.received.length);
      },
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/webhook`;
  }

  get events(): string[] {
    return this.received.map(({ event }) => event);
  }

  /** The events in the order they were made: two sent at nearly one time may arrive in any. */
  eventsByTime(): string[] {
    const inOrder = this.received.toSorted((a, b) => a.timestamp.localeCompare(b.timestamp));
    return inOrder.map(({ event }) => event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
