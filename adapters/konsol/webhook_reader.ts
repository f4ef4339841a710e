// Reads a webhook of Konsol's: its shape, whose it is, what may be kept of it, and what its signature is worth.

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Vault } from "../../application/ports.ts";
import type { WebhookReader } from "../../application/provider_ports.ts";
import type { SignatureVerdict } from "../../domain/webhook.ts";
import { redact, redactText } from "../system/redact.ts";
import { cutText } from "./cut_text.ts";
import { isRecord } from "./error_body.ts";
import { readKonsolId } from "./konsol_id.ts";

export interface WebhookReaderOptions {
  readonly vault: Pick<Vault, "fingerprint">;
  /** Shared with Konsol for its signatures; unset = they are not checked. */
  readonly secret?: string;
}

type Json = Readonly<Record<string, unknown>>;

const EVENT_LENGTH_MAX = 100;
const BODY_LENGTH_MAX = 16 * 1024;
const FIELD_LENGTH_MAX = 256;
const MASK = "***";

export function createWebhookReader({ vault, secret }: WebhookReaderOptions): WebhookReader {
  return {
    read(body) {
      const text = decode(body);
      const json = text === undefined ? undefined : parseObject(text);
      if (text === undefined || json === undefined) {
        return { kind: "unreadable", code: "webhook_not_json" };
      }
      const konsolId = readKonsolId(dataIdOf(json)) ?? readKonsolId(json.id);
      if (konsolId === undefined) return { kind: "unreadable", code: "webhook_without_id" };
      const notice = {
        event: eventOf(json),
        konsolId,
        body: keptBody(json, text.length),
        bodyHash: vault.fingerprint("webhook_body", text),
        signature: signatureVerdict(json, secret),
      };
      return { kind: "notice", notice };
    },
  };
}

function decode(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

function parseObject(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function dataIdOf({ data }: Json): unknown {
  return isRecord(data) ? data.id : undefined;
}

function eventOf({ event }: Json): string {
  const isThere = typeof event === "string" && event !== "";
  return isThere ? cutText(redactText(event), EVENT_LENGTH_MAX) : "unknown";
}

/** A body that is too large to keep is kept as far as its own short fields go. */
function keptBody(json: Json, length: number): unknown {
  const unsigned = isSigned(json) ? { ...json, signature: MASK } : json;
  return redact(length > BODY_LENGTH_MAX ? shortFields(unsigned) : unsigned);
}

function shortFields(json: Json): Json {
  let lengthLeft = BODY_LENGTH_MAX - FIELD_LENGTH_MAX;
  const kept = Object.entries(json).filter(([name, value]) => {
    if (typeof value === "object" && value !== null) return false;
    const length = JSON.stringify([name, value]).length;
    if (length > Math.min(FIELD_LENGTH_MAX, lengthLeft)) return false;
    lengthLeft -= length;
    return true;
  });
  return Object.fromEntries([...kept, ["truncated", true]]);
}

function isSigned({ signature }: Json): boolean {
  return signature !== undefined && signature !== null && signature !== "";
}

/**
 * Konsol says that webhooks may be signed, but nowhere how. This is our and our sandbox's convention:
 * lower-case hex HMAC-SHA256 over `event.data.id.timestamp`, joined by dots, under the shared secret.
 */
function signatureVerdict(json: Json, secret: string | undefined): SignatureVerdict {
  if (!isSigned(json)) return "absent";
  if (secret === undefined) return "unchecked";
  const signed = `${json.event}.${dataIdOf(json)}.${json.timestamp}`;
  const expected = Buffer.from(createHmac("sha256", secret).update(signed).digest("hex"));
  const given = Buffer.from(typeof json.signature === "string" ? json.signature : "");
  const isEqual = given.length === expected.length && timingSafeEqual(given, expected);
  return isEqual ? "valid" : "invalid";
}
