// Seals card numbers and fingerprints texts under keys derived from CARD_KEY.

import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import type { Vault } from "../../application/ports.ts";

type Purpose = Parameters<Vault["fingerprint"]>[0];

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FINGERPRINT_BYTES = 16;

/** `v1.` and base64url of nonce, ciphertext and tag. */
const VERSION = "v1.";

/**
 * AES-256-GCM with a random nonce and the payment's id as associated data; HMAC-SHA256. Each use has a
 * key of its own (HKDF-SHA256), so that neither a sealed number nor a fingerprint tells about another use.
 */
export function createVault(cardKey: Uint8Array): Vault {
  if (cardKey.length !== KEY_BYTES) {
    throw new RangeError(`Cannot make a vault as its key must have ${KEY_BYTES} bytes`);
  }
  const sealKey = derivedKey(cardKey, "seal card_number");
  const fingerprintKeys: Readonly<Record<Purpose, Uint8Array>> = {
    request_field: derivedKey(cardKey, "fingerprint request_field"),
    webhook_body: derivedKey(cardKey, "fingerprint webhook_body"),
  };
  return {
    seal: (cardNumber, paymentId) => seal(sealKey, cardNumber, paymentId),
    open: (sealed, paymentId) => open(sealKey, sealed, paymentId),
    fingerprint: (purpose, text) =>
      createHmac("sha256", fingerprintKeys[purpose]).update(text).digest()
        .subarray(0, FINGERPRINT_BYTES).toString("base64url"),
  };
}

function derivedKey(cardKey: Uint8Array, use: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", cardKey, "", `konsol vault v1: ${use}`, KEY_BYTES));
}

function seal(key: Uint8Array, cardNumber: string, paymentId: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(paymentId));
  const sealed = [nonce, cipher.update(cardNumber, "utf8"), cipher.final(), cipher.getAuthTag()];
  return VERSION + Buffer.concat(sealed).toString("base64url");
}

function open(key: Uint8Array, sealed: string, paymentId: string): string | undefined {
  const bytes = Buffer.from(sealed.slice(VERSION.length), "base64url");
  const isOurs = sealed === VERSION + bytes.toString("base64url");
  if (!isOurs || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  try {
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(paymentId));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
