// What counts as sensitive: the names of fields, and what secrets and numbers look like inside a text.

export type SensitiveKind = "card" | "phone" | "secret";

/** Each also covers the names that end with it: `api_token`, `recipientPhone`, `X-Signature`. */
const NAMES_BY_KIND: readonly (readonly [SensitiveKind, RegExp])[] = [
  ["card", /(?:cardnumber|cardno|cardpan|^pan)$/],
  ["phone", /(?:phone|phonenumber|phoneno|msisdn|mobile)$/],
  ["secret", /(?:authorization|bearer|token|secret|signature|cookie|credential|sealednumber)$/],
  ["secret", /(?:password|passwd|passphrase|apikey|cardkey|privatekey|cvv2?|cvc2?|pincode)$/],
];

const NAME_LENGTH_MAX = 128;

/** `card_number`, `cardNumber`, `X-Card-Number` and `CARD_NUMBERS` are one name: "cardnumber". */
export function plainName(key: string): string {
  return key.slice(0, NAME_LENGTH_MAX).toLowerCase().replace(/[^a-z0-9]/g, "").replace(/s$/, "");
}

/** Of a name that plainName() gave. */
export function sensitiveKind(name: string): SensitiveKind | undefined {
  return NAMES_BY_KIND.find(([, names]) => names.test(name))?.[0];
}

/** Secrets that their surroundings give away; values are named in English or, as Konsol answers, in Russian. */
export const SECRETS_IN_TEXT: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/\b(bearer|basic)(\s+|%20)[\w.~+/=-]+/gi, "$1 ***"],
  [/whsec_[\w+/=-]+/gi, "whsec_***"],
  [/(:\/\/[^\s:/@]{0,256}:)[^\s/@]{1,256}@/g, "$1***@"],
  [
    /((?:token|secret|signature|password|api_?key|card_?key|authorization|cvv|cvc|токен|секрет|подпись|пароль|ключ)(?:=|\\?"\s{0,4}:\s{0,4}\\?"|:\s{1,4}))[^"&\s;]+/gi,
    "$1***",
  ],
];

/** Kept as it is, although its groups may be all digits: versions 1 to 8 of RFC 9562. */
const UUID =
  "(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}(?![0-9a-z-])";

/** Between the digits of a card: spaces (also as URLs write them), dashes, marks that nobody sees. */
const CARD_GAP = String.raw`(?:[\s\p{Pd}\p{Cf}\u2212+]|%20){0,8}`;

/** 13 digits and on, however many: a card may be anywhere in a longer run. */
const CARD = String.raw`(?<![0-9])[0-9](?:${CARD_GAP}[0-9]){12,}`;

/** Dots and the like count in groups of four only: elsewhere they are decimals, addresses and paths. */
const DOTTED_CARD = String.raw`(?<![0-9.])(?:[0-9]{4}[._/,]){3}[0-9]{1,7}(?![0-9])`;

const PHONE_GAP = String.raw`(?:[\s\p{Pd}\p{Cf}\u2212().]|%20){0,4}`;
const NINE_MORE = String.raw`(?:${PHONE_GAP}[0-9]){9}(?![0-9])`;

/** `+7…`, `7…` and `8…` with ten digits after it. */
const PHONE = String
  .raw`(?:(?:\+|%2b)${PHONE_GAP}7|(?<![0-9])[78])${PHONE_GAP}[0-9]${NINE_MORE}`;

/** Ten digits alone, 9 first; not in the middle of a hash or an id. */
const SHORT_PHONE = String.raw`(?<![0-9a-z])9${NINE_MORE}(?![a-z])`;

/** Groups: `uuid`, `card`, `phone`; exactly one is set. A card comes first, as it may begin like a phone. */
export const NUMBERS_IN_TEXT = new RegExp(
  `(?<uuid>${UUID})|(?<card>${DOTTED_CARD}|${CARD})|(?<phone>${PHONE}|${SHORT_PHONE})`,
  "giu",
);
