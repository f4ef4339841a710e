// The address that a client wants its callbacks at: refused where calling it would be unsafe.

import {
  type AddressRange,
  isAddressIn,
  isLoopbackAddress,
  isPublicAddress,
} from "./ip_address.ts";
import { type Parsed, parsed, unparsed } from "./parsed.ts";

const URL_LENGTH_MAX = 2048;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;
/** What the URL parser would quietly drop or turn into something else; and any fragment. */
const FORBIDDEN_CHARACTERS = /[\s\p{Cc}\\#]/u;
const DOTTED_V4 = /^[0-9]+(?:\.[0-9]+){3}$/;
/** As the URL parser leaves it: lower case, international names in their ASCII form. */
const NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
const NAME_LENGTH_MAX = 253;
/** A name without a dot is one of a private network, too: none such is on the public Internet. */
const PRIVATE_NAME = /^[^.]+$|\.(?:localhost|local|internal)$/;

/** What the operator allows; the same rules when a payment is created and at every try. */
export interface CallbackUrlRules {
  /** Development: localhost, 127.0.0.0/8 and [::1] pass, over http or https, at any port. */
  readonly allowLoopbackHttp: boolean;
  /** Beside 443. */
  readonly ports: readonly number[];
  /** Addresses that pass though they are private or written as addresses. */
  readonly ranges: readonly AddressRange[];
}

/** Where a callback goes, taken apart. */
export interface CallbackTarget {
  /** In its normal form (WHATWG), which is the one to store and to call. */
  readonly href: string;
  readonly isTls: boolean;
  /** A name without a dot at its end, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The host is an address: nothing is to be resolved. */
  readonly isAddress: boolean;
}

/**
 * A callback URL in its normal form: https, at most 2048 characters, without user info or fragment, at
 * an allowed port, and at a name, not at a private one or an address that is not in `ranges`. A public
 * name may still resolve to a private address: the sender must ask isCallbackAddress() about each.
 * Codes: `callback_url_invalid`, `callback_url_not_https`, `callback_url_port`, `callback_url_address`,
 * `callback_url_private`.
 */
export function parseCallbackUrl(input: string, rules: CallbackUrlRules): Parsed<string> {
  const target = parseCallbackTarget(input, rules);
  return target.ok ? parsed(target.value.href) : target;
}

/** The same, taken apart for the sender. */
export function parseCallbackTarget(
  input: string,
  rules: CallbackUrlRules,
): Parsed<CallbackTarget> {
  const url = plainUrl(input);
  if (url === undefined) return invalid();
  if (!/^https?:$/.test(url.protocol)) return notHttps();
  const target = targetOf(url);
  if (target === undefined) return invalid();
  if (isAllowedLoopback(target.host, rules)) return parsed(target);
  if (!target.isTls) return notHttps();
  if (target.port !== HTTPS_PORT && !rules.ports.includes(target.port)) {
    const ports = [...new Set([HTTPS_PORT, ...rules.ports])].join(", ");
    return unparsed("callback_url_port", `Send a callback_url at port ${ports}.`);
  }
  return refusedHost(target, rules) ?? parsed(target);
}

/** Whether a callback may go to an address that its host resolved to. */
export function isCallbackAddress(
  address: string,
  host: string,
  rules: CallbackUrlRules,
): boolean {
  if (isAllowedLoopback(host, rules)) return isLoopbackAddress(address);
  return isPublicAddress(address) || isAddressIn(address, rules.ranges);
}

function plainUrl(input: string): URL | undefined {
  if (input.length > URL_LENGTH_MAX || FORBIDDEN_CHARACTERS.test(input)) return undefined;
  if (!URL.canParse(input)) return undefined;
  const url = new URL(input);
  const hasUserInfo = url.username !== "" || url.password !== "";
  return hasUserInfo || url.href.length > URL_LENGTH_MAX ? undefined : url;
}

/** An address is bracketed or dotted here: the URL parser has rewritten its every other form. */
function targetOf({ href, protocol, hostname, port }: URL): CallbackTarget | undefined {
  const isTls = protocol === "https:";
  const host = hostname.replace(/^\[|\]$|\.$/g, "");
  const isAddress = hostname.startsWith("[") || DOTTED_V4.test(host);
  const isName = NAME.test(host) && host.length <= NAME_LENGTH_MAX;
  if (!isAddress && !isName) return undefined;
  const usualPort = isTls ? HTTPS_PORT : HTTP_PORT;
  return { href, isTls, host, port: port === "" ? usualPort : Number(port), isAddress };
}

function isAllowedLoopback(host: string, rules: CallbackUrlRules): boolean {
  return rules.allowLoopbackHttp && (host === "localhost" || isLoopbackAddress(host));
}

/** With ranges of the operator's own, a private name passes: what it resolves to decides. */
function refusedHost({ host, isAddress }: CallbackTarget, rules: CallbackUrlRules) {
  const hasRanges = rules.ranges.length > 0;
  if (isAddress ? isAddressIn(host, rules.ranges) : hasRanges || !PRIVATE_NAME.test(host)) {
    return undefined;
  }
  if (isPublicAddress(host)) {
    return unparsed(
      "callback_url_address",
      "Send a callback_url whose host is a name, not an address.",
    );
  }
  return unparsed(
    "callback_url_private",
    "Send a callback_url whose host is on the public Internet.",
  );
}

function invalid() {
  return unparsed(
    "callback_url_invalid",
    `Send callback_url as an absolute https URL of at most ${URL_LENGTH_MAX} characters, ` +
      "without spaces, user info or fragment.",
  );
}

function notHttps() {
  return unparsed("callback_url_not_https", "Send a callback_url that begins with https://.");
}
