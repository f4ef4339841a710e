// Konsol's own routes, dialect `payments`: which call a request is, whether it may, and its answer.
import type { CallName, FaultQueue } from "./fault_queue.ts";
import type { Ledger } from "./ledger.ts";
import { createRequestSchema, listQuerySchema, updateRequestSchema } from "./payment_requests.ts";
import type { Provider } from "./provider.ts";
import { type Answer, answering, KonsolError, parseJson, parseWith, type Reply } from "./reply.ts";
import { replyWithFault } from "./reply_with_fault.ts";
import type { HttpCall } from "./serve_http.ts";

export interface ApiParts {
  readonly provider: Provider;
  readonly ledger: Ledger;
  readonly faults: FaultQueue;
  readonly token: string;
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly call: CallName;
  readonly execute: (provider: Provider, id: string, http: HttpCall) => Answer;
}

const collection = /^\/api\/payments$/;
const member = /^\/api\/payments\/([^/]+)$/;

const routes: readonly Route[] = [
  {
    method: "POST",
    path: collection,
    call: "create",
    execute: (provider, _, http) =>
      provider.create(parseWith(createRequestSchema, parseJson(http.body))),
  },
  {
    method: "GET",
    path: collection,
    call: "list",
    execute: (provider, _, http) =>
      provider.list(parseWith(listQuerySchema, Object.fromEntries(http.url.searchParams))),
  },
  { method: "GET", path: member, call: "get", execute: (provider, id) => provider.get(id) },
  {
    method: "PUT",
    path: member,
    call: "update",
    execute: (provider, id, http) =>
      provider.update(id, parseWith(updateRequestSchema, parseJson(http.body))),
  },
  {
    method: "DELETE",
    path: member,
    call: "cancel",
    execute: (provider, id) => provider.cancel(id),
  },
  {
    method: "GET",
    path: /^\/api\/balance$/,
    call: "balance",
    execute: (provider) => provider.balance(),
  },
];

export function answerApi({ provider, ledger, faults, token }: ApiParts, http: HttpCall): Reply {
  const route = routes.find(({ method, path }) =>
    method === http.method && path.test(http.url.pathname)
  );
  // Counted before anything can refuse it: the witness tells what arrived, not what was liked.
  if (route?.call === "create") ledger.record({ counted: { creates_received: 1 } });
  if (http.authorization !== `Bearer ${token}`) {
    throw new KonsolError(401, ["Неверный токен"]);
  }
  if (!route) throw new KonsolError(404, ["Маршрут не найден"]);
  const id = route.path.exec(http.url.pathname)?.[1] ?? "";
  const execute = () => answering(() => route.execute(provider, id, http));
  return replyWithFault(faults.takeForCall(route.call), execute);
}
