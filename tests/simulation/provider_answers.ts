// How the simulated Konsol words its answers: its own bodies, a proxy's pages, and broken connections.

import type { RawResult } from "../../adapters/konsol/transport.ts";
import { hashText, type SeededRandom } from "./seeded_random.ts";

/** `json`: as JSON.parse() would give it; nobody may change it. Most bodies are never read as text. */
export function jsonAnswer(status: number, json: unknown, retryAfter?: string): RawResult {
  return {
    kind: "answer",
    status,
    retryAfter,
    json,
    get body() {
      return JSON.stringify(json);
    },
  };
}

export function ownError(status: number, words: string, more: object = {}): RawResult {
  return jsonAnswer(status, { success: false, errors: [words], ...more });
}

export function proxyPage(status: number): RawResult {
  return { kind: "answer", status, body: `<html><h1>${status}</h1></html>`, json: undefined };
}

export const TIMEOUT: RawResult = { kind: "broken", reason: "timeout" };
export const RESET: RawResult = { kind: "broken", reason: "reset" };
export const CONNECT_FAILED: RawResult = { kind: "connect_failed", reason: "tcp_connect_failed" };

const REFUSALS: readonly (readonly [status: number, words: string])[] = [
  [400, "Неверные реквизиты получателя"],
  [402, "Недостаточно средств"],
  [413, "Слишком большой запрос"],
  [415, "Неверный тип содержимого"],
  [422, "Получатель не прошел проверку"],
];

export function refusal(random: SeededRandom): RawResult {
  const [status, words] = random.pick(REFUSALS);
  return ownError(status, words);
}

export function serverError(random: SeededRandom): RawResult {
  const status = random.pick([500, 502, 503, 504]);
  return random.chance(0.5) ? ownError(status, "Внутренняя ошибка") : proxyPage(status);
}

/** With an id in it that is no payment's but the error's own. */
export function traced(raw: RawResult, number: number): RawResult {
  if (raw.kind !== "answer" || raw.json === undefined) return raw;
  return jsonAnswer(raw.status, { ...raw.json as object, id: `req-${number}` });
}

/** Where errors have ids, a text that was never a payment's is not looked up. */
export function unknownId(tracesErrors: boolean): RawResult {
  return tracesErrors ? ownError(400, "Неверный id платежа") : ownError(404, "Платеж не найден");
}

/** A refusal by its status, but not in Konsol's words: it proves nothing. */
export function clientErrorPage(random: SeededRandom): RawResult {
  return proxyPage(random.pick([400, 401, 402, 403, 404, 405, 408, 413, 422, 425, 429]));
}

/** In Konsol's words, but with a status that proves nothing. */
export function oddError(random: SeededRandom): RawResult {
  return ownError(random.pick([404, 405, 408, 409, 425]), "Запрос не может быть обработан");
}

export function redirect(random: SeededRandom): RawResult {
  return { kind: "answer", status: random.pick([301, 302, 307, 308]), body: "" };
}

/** A success by its status that says nothing. */
export function badBody(random: SeededRandom, id: string): RawResult {
  switch (random.between(0, 4)) {
    case 0:
      return jsonAnswer(201, {});
    case 1:
      return { kind: "answer", status: 200, body: "OK" };
    case 2:
      return { kind: "answer", status: 201, body: `{"id": "${id}", "sta` };
    case 3:
      return jsonAnswer(200, { success: true, payment: { id } });
    default:
      return { kind: "broken", reason: "bad_body", status: 201 };
  }
}

export function errorNamingPayment(random: SeededRandom, id: string): RawResult {
  const status = random.pick([400, 402, 422]);
  return ownError(status, "Платеж отправлен на проверку", { payment_id: id });
}

const EXISTS_WORDS = [
  "Платеж с таким номером уже существует",
  "Дубликат платежа",
  "Номер платежа должен быть уникальным",
  "Такой номер занят",
  "Payment already exists",
  "external_id has been taken",
  "Повторный запрос",
];

/** Konsol's way of saying so is nowhere documented: one of many, the same for one external_id. */
export function existsWords(externalId: string | undefined): string {
  return EXISTS_WORDS[hashText(String(externalId)) % EXISTS_WORDS.length] as string;
}

export function existsAlready(random: SeededRandom, externalId: string): RawResult {
  return ownError(random.pick([400, 409, 422]), existsWords(externalId));
}
