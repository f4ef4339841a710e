// Laws of domain/callback_url.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type CallbackUrlRules,
  isCallbackAddress,
  parseCallbackTarget,
  parseCallbackUrl,
} from "../../domain/callback_url.ts";
import { parseAddressRange } from "../../domain/ip_address.ts";

const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "127.255.0.7", "[::1]", "LOCALHOST.", "127.1"];

const STRICT: CallbackUrlRules = { allowLoopbackHttp: false, ports: [], ranges: [] };

function rulesOf(ranges: readonly string[], ports: readonly number[] = []): CallbackUrlRules {
  return { ...STRICT, ports, ranges: ranges.map((text) => parseAddressRange(text)!) };
}

function codeOf(input: string, allowLoopbackHttp = false): string {
  return codeBy({ ...STRICT, allowLoopbackHttp }, input);
}

function codeBy(rules: CallbackUrlRules, input: string): string {
  const answer = parseCallbackUrl(input, rules);
  return answer.ok ? answer.value : answer.code;
}

function assertAll(inputs: readonly string[], code: string, allowLoopbackHttp = false): void {
  for (const input of inputs) assert.equal(codeOf(input, allowLoopbackHttp), code, input);
}

Deno.test("parseCallbackUrl() gives the normal form of an https URL at a public host", () => {
  const inputs = [
    "https://Example.com:443",
    "https://shop.example.ru/hook?id=1",
    "https://кассы.рф./",
  ];
  assert.deepEqual(inputs.map((input) => codeOf(input)), [
    "https://example.com/",
    "https://shop.example.ru/hook?id=1",
    "https://xn--80atwa4c.xn--p1ai./",
  ]);
});

Deno.test("parseCallbackUrl() leaves its own answer as it is", () => {
  const rest = fc.stringMatching(/^[ж{}|^'"<>?&=%a-f0-9./;:@-]{0,30}$/);
  const url = fc.tuple(fc.domain(), rest).map(([host, tail]) => `https://${host}/${tail}`);
  fc.assert(
    fc.property(url, (input) => {
      const once = codeOf(input);
      assert.ok(once.startsWith("https://"), input);
      assert.equal(codeOf(once), once);
    }),
    { numRuns: 20 },
  );
});

Deno.test("parseCallbackUrl() refuses every scheme but https", () => {
  const inputs = ["http://example.com/", "ftp://example.com/", "ws://example.com/", "file:///etc"];
  assertAll(
    [...inputs, "data:,x", "javascript:alert(1)", "http://localhost/"],
    "callback_url_not_https",
  );
});

Deno.test("parseCallbackUrl() refuses http to all but loopback with allowLoopbackHttp", () => {
  const inputs = [
    "http://example.com/",
    "http://12.7.0.1/",
    "http://128.0.0.1/",
    "ftp://localhost/",
  ];
  const near = ["http://10.0.0.1/", "http://a.localhost/", "http://127.0.0.1.nip.io/"];
  assertAll([...inputs, ...near], "callback_url_not_https", true);
});

Deno.test("parseCallbackUrl() takes http and https to loopback with allowLoopbackHttp", () => {
  for (const host of LOOPBACK_HOSTS) {
    for (const scheme of ["http", "https"]) {
      const input = `${scheme}://${host}:3000/hook`;
      assert.equal(codeOf(input, true), new URL(input).href);
    }
  }
});

Deno.test("parseCallbackUrl() refuses https to loopback without allowLoopbackHttp", () => {
  assertAll(LOOPBACK_HOSTS.map((host) => `https://${host}/`), "callback_url_private");
});

Deno.test("parseCallbackUrl() refuses names that only a private network knows", () => {
  const hosts = [
    "local",
    "router",
    "printer.local",
    "internal",
    "metadata.google.internal",
    "a.localhost.",
  ];
  assertAll(hosts.map((host) => `https://${host}/`), "callback_url_private", true);
});

Deno.test("parseCallbackUrl() takes public names that only look like private ones", () => {
  for (const host of ["local.example.com", "mylocalhost.com", "internal.ru", "127.0.0.1.nip.io"]) {
    assert.equal(codeOf(`https://${host}/`), `https://${host}/`);
  }
});

Deno.test("parseCallbackUrl() refuses a private IPv4 in every form that a URL may give it", () => {
  const loopback = ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "①②⑦.0.0.1"];
  const others = ["10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0"];
  const hosts = [...loopback, ...others, "0xA9FEA9FE", "224.0.0.1", "%31%30.0.0.1", "203.0.113.9"];
  assertAll(hosts.map((host) => `https://${host}/`), "callback_url_private");
});

Deno.test("parseCallbackUrl() refuses an IPv6 that is not public or hides an IPv4", () => {
  const hosts = ["::", "fd00::1", "fe80::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:7f00:1"];
  const hidden = ["64:ff9b::10.0.0.1", "2002:a00:1::", "2001:db8::1", "0:0:0:0:0:ffff:a00:1"];
  assertAll(
    [...hosts, ...hidden].map((host) => `https://[${host}]/`),
    "callback_url_private",
    true,
  );
});

Deno.test("parseCallbackUrl() refuses a mapped loopback also with allowLoopbackHttp", () => {
  assertAll(["https://[::ffff:127.0.0.1]/"], "callback_url_private", true);
});

Deno.test("parseCallbackUrl() refuses public addresses: a callback goes to a name", () => {
  const inputs = ["https://8.8.8.8/", "https://134744072/", "https://[2A02:6B8:0::2:242]/"];
  assertAll(inputs, "callback_url_address");
});

Deno.test("parseCallbackUrl() takes addresses of the operator's ranges, private and public", () => {
  const rules = rulesOf(["10.0.0.0/8", "8.8.8.8", "2a02:6b8::/32", "fd00::/8"]);
  const inputs = ["https://10.1.2.3/", "https://8.8.8.8/", "https://[2a02:6b8::1]/"];
  for (const input of [...inputs, "https://[fd00::1]/"]) assert.equal(codeBy(rules, input), input);
  assert.equal(codeBy(rules, "https://11.0.0.1/"), "callback_url_address");
  assert.equal(codeBy(rules, "https://192.168.0.1/"), "callback_url_private");
  assert.equal(codeBy(rules, "https://[::ffff:10.1.2.3]/"), "callback_url_private");
  assert.equal(codeBy(rules, "http://10.1.2.3/"), "callback_url_not_https");
});

Deno.test("parseCallbackUrl() takes private names with ranges of the operator's only", () => {
  const inputs = ["https://hooks.default.svc.cluster.local/", "https://intranet/"];
  for (const input of inputs) {
    assert.equal(codeOf(input), "callback_url_private");
    assert.equal(codeBy(rulesOf(["10.0.0.0/8"]), input), input);
  }
});

Deno.test("parseCallbackUrl() takes port 443 and the operator's, and names them", () => {
  assertAll(["https://a.com:8443/", "https://a.com:80/", "https://a.com:0/"], "callback_url_port");
  const rules = rulesOf([], [8443]);
  assert.equal(codeBy(rules, "https://a.com:8443/"), "https://a.com:8443/");
  assert.equal(codeBy(rules, "https://a.com/"), "https://a.com/");
  const refused = parseCallbackUrl("https://a.com:22/", rules);
  assert.equal(!refused.ok && refused.message, "Send a callback_url at port 443, 8443.");
});

Deno.test("parseCallbackUrl() refuses hosts of characters and lengths that no name has", () => {
  const long = `${"a".repeat(64)}.com`;
  const longer = Array(64).fill("abc").join(".");
  const inputs = ["*.a.com", "a$b.com", "a'b.com", "a;b.com", "a,b.com", long, longer];
  assertAll(inputs.map((host) => `https://${host}/`), "callback_url_invalid");
});

Deno.test("parseCallbackUrl() refuses user info and fragments", () => {
  const inputs = [
    "https://user@example.com/",
    "https://u:p@example.com/",
    "https://:p@example.com/",
  ];
  assertAll([...inputs, "https://example.com/#a", "https://example.com/#"], "callback_url_invalid");
});

Deno.test("parseCallbackUrl() refuses what is not an absolute URL", () => {
  const inputs = ["", "example.com", "/hook", "//example.com", "https://", "https://a b.com/"];
  assertAll([...inputs, "https://[::1", "https://1.2.3.256/"], "callback_url_invalid");
});

Deno.test("parseCallbackUrl() refuses characters that a URL parser would drop or turn", () => {
  const inputs = [" https://example.com/", "https://exa\tmple.com/", "https://example.com/\n"];
  assertAll([...inputs, "https:\\\\example.com\\", "https://a.com/\0"], "callback_url_invalid");
});

Deno.test("parseCallbackUrl() refuses empty labels in the host", () => {
  assertAll(["https://a..com/", "https://.a.com/", "https://localhost../"], "callback_url_invalid");
});

Deno.test("parseCallbackUrl() takes 2048 characters and no more, also once normalised", () => {
  const base = "https://example.com/";
  assert.equal(codeOf(base.padEnd(2048, "a")).length, 2048);
  assertAll([base.padEnd(2049, "a"), base.padEnd(2048, "ж")], "callback_url_invalid");
});

Deno.test("parseCallbackUrl() gives https without user info or fragment, or a code", () => {
  const scheme = fc.constantFrom("https://", "http://", "https:", "");
  const part = fc.constantFrom("a.com", "8.8.8.8", "@", ":", "/", "#", "?", "\\", "user", "[", "%");
  const parts = fc.array(part, { maxLength: 6 });
  const input = fc.tuple(scheme, parts).map(([start, some]) => start + some.join(""));
  fc.assert(
    fc.property(input, (sent) => {
      const answer = parseCallbackUrl(sent, STRICT);
      if (!answer.ok) return;
      const url = new URL(answer.value);
      assert.deepEqual([url.protocol, url.username, url.password, url.hash], [
        "https:",
        "",
        "",
        "",
      ]);
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseCallbackTarget() takes the URL apart for the sender", () => {
  const partsOf = (input: string, rules = STRICT) => {
    const target = parseCallbackTarget(input, rules);
    return target.ok && { ...target.value };
  };
  assert.deepEqual(partsOf("https://Shop.example./a?b=1"), {
    href: "https://shop.example./a?b=1",
    isTls: true,
    host: "shop.example",
    port: 443,
    isAddress: false,
  });
  const loopback = { ...STRICT, allowLoopbackHttp: true };
  assert.deepEqual(partsOf("http://[::1]:80/", loopback), {
    href: "http://[::1]/",
    isTls: false,
    host: "::1",
    port: 80,
    isAddress: true,
  });
});

Deno.test("isCallbackAddress() takes public addresses and the operator's ranges", () => {
  const taken = (rules: CallbackUrlRules, host = "a.com") =>
    ["8.8.8.8", "10.0.0.1", "127.0.0.1", "::1", "::ffff:8.8.8.8", "fe80::1%eth0", "", "a.com"]
      .filter((address) => isCallbackAddress(address, host, rules));
  assert.deepEqual(taken(STRICT), ["8.8.8.8"]);
  assert.deepEqual(taken(rulesOf(["10.0.0.0/8"])), ["8.8.8.8", "10.0.0.1"]);
});

Deno.test("isCallbackAddress() takes loopback for a loopback host in development, and nothing else", () => {
  const rules = { ...STRICT, allowLoopbackHttp: true };
  const taken = (host: string) =>
    ["8.8.8.8", "10.0.0.1", "127.0.0.1", "::1"].filter((address) =>
      isCallbackAddress(address, host, rules)
    );
  assert.deepEqual(taken("localhost"), ["127.0.0.1", "::1"]);
  assert.deepEqual(taken("a.com"), ["8.8.8.8"]);
});
