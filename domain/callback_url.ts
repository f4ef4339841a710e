// The address that a client wants its callbacks at: refused where calling it would be unsafe.

import { isPublicAddress } from "./ip_address.ts";
import { type Parsed, parsed, unparsed } from "./parsed.ts";

const URL_LENGTH_MAX = 2048;
/** What the URL parser would quietly drop or turn into something else; and any fragment. */
const FORBIDDEN_CHARACTERS = /[\s\p{Cc}\\#]/u;
const DOTTED_V4 = /^[0-9]+(?:\.[0-9]+){3}$/;
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal)$/;

/**
 * A callback URL in its normal form (WHATWG), which is the one to store and to call: https, at most
 * 2048 characters, without user info or fragment, and not at a private name or address. With
 * `allowLoopbackHttp` (development) localhost, 127.0.0.0/8 and [::1] pass too, over http or https.
 * A public name may still resolve to a private address: the sender must check each resolved one
 * with isPublicAddress(). Codes: `callback_url_invalid`, `callback_url_not_https`,
 * `callback_url_private`.
 */
export function parseCallbackUrl(
  input: string,
  options: { readonly allowLoopbackHttp: boolean },
): Parsed<string> {
  const url = plainUrl(input);
  if (url === undefined) {
    return unparsed(
      "callback_url_invalid",
      `Send callback_url as an absolute https URL of at most ${URL_LENGTH_MAX} characters, ` +
        "without spaces, user info or fragment.",
    );
  }
  const host = url.hostname.replace(/\.$/, "");
  const isAllowedLoopback = options.allowLoopbackHttp && isLoopbackHost(host);
  if (url.protocol !== "https:" && !(isAllowedLoopback && url.protocol === "http:")) {
    return unparsed("callback_url_not_https", "Send a callback_url that begins with https://.");
  }
  if (!isAllowedLoopback && isPrivateHost(host)) {
    return unparsed(
      "callback_url_private",
      "Send a callback_url whose host is on the public Internet.",
    );
  }
  return parsed(url.href);
}

function plainUrl(input: string): URL | undefined {
  if (input.length > URL_LENGTH_MAX || FORBIDDEN_CHARACTERS.test(input)) return undefined;
  if (!URL.canParse(input)) return undefined;
  const url = new URL(input);
  const hasUserInfo = url.username !== "" || url.password !== "";
  const hasEmptyLabel = url.hostname.startsWith(".") || url.hostname.includes("..");
  return hasUserInfo || hasEmptyLabel || url.href.length > URL_LENGTH_MAX ? undefined : url;
}

function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "[::1]" ||
    (DOTTED_V4.test(host) && host.startsWith("127."));
}

/** An address is bracketed or dotted here: the URL parser has rewritten its every other form. */
function isPrivateHost(host: string): boolean {
  if (host.startsWith("[")) return !isPublicAddress(host.slice(1, -1));
  if (DOTTED_V4.test(host)) return !isPublicAddress(host);
  return PRIVATE_NAME.test(host);
}
