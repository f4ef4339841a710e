// No hostile URL and no lying name server makes the callback sender open a connection: counted, not believed.

import assert from "node:assert/strict";
import { createDial, type Dial } from "../../../adapters/callbacks/dial.ts";
import { type CallbackUrlRules, parseCallbackUrl } from "../../../domain/callback_url.ts";
import { isLoopbackAddress } from "../../../domain/ip_address.ts";
import { serveBytes } from "../konsol/tcp_server.ts";
import { hostileUrls, lyingResolve } from "./hostile_urls.ts";
import { outcomeOf, rulesFor, senderRig, serveTls, STRICT } from "./rig.ts";

const PUBLIC = "93.184.215.14";

/** Goes nowhere but to this machine, whatever is let through by mistake. */
const dialAtHome: Dial = (to, signal) =>
  isLoopbackAddress(to.address)
    ? createDial()(to, signal)
    : Promise.reject(new Error("not on this machine"));

/** How many were tried, and not one of them to any address. */
async function assertNoneOpened(
  rulesAt: (port: number) => CallbackUrlRules,
  isMeant: (url: string) => boolean = () => false,
): Promise<number> {
  await using listener = serveBytes(1);
  const urls = hostileUrls(listener.port).filter((url) => !isMeant(url));
  const rules = rulesAt(listener.port);
  using rig = senderRig({ rules, resolve: lyingResolve, dial: dialAtHome, timeoutMs: 2_000 });
  const outcomes = new Set<string | number>();
  for (const url of urls) {
    outcomes.add(outcomeOf(await rig.send(url)));
    assert.deepEqual(rig.dialled, [], url);
  }
  assert.deepEqual([...outcomes].sort(), ["address_refused", "url_refused"]);
  assert.equal(listener.connections, 0);
  return urls.length;
}

/** What development is for: this machine, called by its own name or address. */
function isOwnMachine(url: string): boolean {
  const { hostname, protocol } = URL.canParse(url) ? new URL(url) : { hostname: "", protocol: "" };
  const isOwn = /^(?:localhost\.?|127\.\d+\.\d+\.\d+\.?|\[::1\])$/.test(hostname);
  return isOwn && /^https?:$/.test(protocol);
}

Deno.test("send() opens no connection for any of over 200 hostile URLs", async () => {
  const tried = await assertNoneOpened((port) => ({ ...STRICT, ports: [port] }));
  assert.ok(tried >= 200, String(tried));
});

Deno.test("send() opens none for them in development either, but to this machine by its own name", async () => {
  const rulesAt = (port: number) => ({ ...STRICT, allowLoopbackHttp: true, ports: [port] });
  const tried = await assertNoneOpened(rulesAt, isOwnMachine);
  assert.ok(tried >= 150, String(tried));
});

Deno.test("send() opens none for them where the operator allows other private ranges", async () => {
  const tried = await assertNoneOpened((port) => rulesFor(port, ["10.99.0.0/16", "fd99::/16"]));
  assert.ok(tried >= 200, String(tried));
});

Deno.test("parseCallbackUrl() refuses them when a payment is created, but for names in good order", () => {
  const rules = { ...STRICT, ports: [444] };
  const taken = hostileUrls(444).filter((url) => parseCallbackUrl(url, rules).ok);
  const hosts = taken.map((url) => new URL(url).hostname);
  assert.ok(hosts.every((host) => /\.(?:io|me|net|example)$|^xn--/.test(host)), hosts.join(" "));
});

Deno.test("send() resolves again on every try: a name that turns private is not called again", async () => {
  await using receiver = serveTls();
  const rules = rulesFor(receiver.port);
  const answers = [["127.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["10.0.0.1"], ["::1"], ["127.0.0.1"]];
  const resolve = () => Promise.resolve(answers.shift() ?? []);
  using rig = senderRig({ rules, resolve });
  const outcomes = [];
  for (let tries = 0; tries < 5; tries++) {
    outcomes.push(outcomeOf(await rig.send(`https://hooks.example.com:${receiver.port}/`)));
  }
  const refused = Array(3).fill("address_refused");
  assert.deepEqual(outcomes, [200, ...refused, 200]);
  assert.deepEqual(rig.dialled.map(({ address }) => address), ["127.0.0.1"]);
});

Deno.test("send() resolves once in a try, and goes to the address that it checked", async () => {
  await using listener = serveBytes(1);
  const rules = { ...STRICT, ports: [listener.port] };
  const asked: string[] = [];
  const rebinding = (name: string) => {
    asked.push(name);
    return Promise.resolve([asked.length === 1 ? PUBLIC : "127.0.0.1"]);
  };
  using rig = senderRig({ rules, resolve: rebinding, dial: dialAtHome });
  await rig.send(`https://rebind.example:${listener.port}/`);
  assert.deepEqual(asked, ["rebind.example"]);
  const destination = { address: PUBLIC, port: listener.port, tlsName: "rebind.example" };
  assert.deepEqual(rig.dialled, [destination]);
  assert.equal(listener.connections, 0);
});

Deno.test("send() never reuses a connection to an address that the name no longer has", async () => {
  await using receiver = serveTls();
  const rules = rulesFor(receiver.port, ["127.0.0.0/8"]);
  const answers = [["127.0.0.1"], ["127.0.0.2"]];
  using rig = senderRig({ rules, resolve: () => Promise.resolve(answers.shift() ?? []) });
  const url = `https://hooks.example.com:${receiver.port}/`;
  assert.equal(outcomeOf(await rig.send(url)), 200);
  assert.equal(outcomeOf(await rig.send(url)), "connect_failed");
  assert.equal(receiver.received.length, 1);
});

Deno.test("send() never reuses one name's connection for another name at the same address", async () => {
  await using receiver = serveTls();
  const rules = rulesFor(receiver.port);
  using rig = senderRig({ rules, resolve: () => Promise.resolve(["127.0.0.1"]) });
  for (const host of ["hooks.example.com", "a.shop.example.com", "evil.example.com"]) {
    await rig.send(`https://${host}:${receiver.port}/`);
  }
  const names = rig.dialled.map(({ tlsName }) => tlsName);
  assert.deepEqual(names, ["hooks.example.com", "a.shop.example.com", "evil.example.com"]);
  assert.equal(receiver.received.length, 2);
});
