// Laws of domain/ip_address.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isAddressIn,
  isLoopbackAddress,
  isPublicAddress,
  parseAddressRange,
} from "../../domain/ip_address.ts";

/** First and last address of every range that is not public, from IANA's registries. */
const V4_NOT_PUBLIC: readonly (readonly [string, string])[] = [
  ["0.0.0.0", "0.255.255.255"],
  ["10.0.0.0", "10.255.255.255"],
  ["100.64.0.0", "100.127.255.255"],
  ["127.0.0.0", "127.255.255.255"],
  ["168.63.129.16", "168.63.129.16"],
  ["169.254.0.0", "169.254.255.255"],
  ["172.16.0.0", "172.31.255.255"],
  ["192.0.0.0", "192.0.0.255"],
  ["192.0.2.0", "192.0.2.255"],
  ["192.88.99.0", "192.88.99.255"],
  ["192.168.0.0", "192.168.255.255"],
  ["198.18.0.0", "198.19.255.255"],
  ["198.51.100.0", "198.51.100.255"],
  ["203.0.113.0", "203.0.113.255"],
  ["224.0.0.0", "255.255.255.255"],
];

function numberOf(dotted: string): number {
  return dotted.split(".").reduce((total, part) => total * 256 + Number(part), 0);
}

function dottedOf(value: number): string {
  return [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(value / unit) % 256).join(".");
}

const v4 = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc.constantFrom(...V4_NOT_PUBLIC.flat()).chain((edge) =>
    fc.constantFrom(-1, 0, 1).map((step) => Math.abs(numberOf(edge) + step) % 2 ** 32)
  ),
);

const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
  minLength: 8,
  maxLength: 8,
});

function hex(words: readonly number[]): string {
  return words.map((word) => word.toString(16)).join(":");
}

/** The shortest spelling, by the runtime's own URL parser. */
function compressed(literal: string): string {
  return new URL(`http://[${literal}]`).hostname.slice(1, -1);
}

Deno.test("isPublicAddress() is true of an IPv4 exactly outside the special ranges", () => {
  fc.assert(
    fc.property(v4, (value) => {
      const isSpecial = V4_NOT_PUBLIC.some(([from, to]) =>
        numberOf(from) <= value && value <= numberOf(to)
      );
      assert.equal(isPublicAddress(dottedOf(value)), !isSpecial, dottedOf(value));
    }),
    { numRuns: 500 },
  );
});

Deno.test("isPublicAddress() is false at both ends of every special IPv4 range", () => {
  assert.deepEqual(V4_NOT_PUBLIC.flat().filter(isPublicAddress), []);
});

Deno.test("isPublicAddress() is true of well-known public addresses", () => {
  const literals = ["8.8.8.8", "1.1.1.1", "84.201.153.160", "2606:4700:4700::1111"];
  assert.deepEqual(
    [...literals, "2a02:6b8::2:242", "2001:4860:4860::8888"].filter(
      (literal) => !isPublicAddress(literal),
    ),
    [],
  );
});

Deno.test("isPublicAddress() is false of every special IPv6 range", () => {
  const local = ["::", "::1", "fc00::1", "fdff::1", "fd00:ec2::254", "fe80::1", "fec0::1"];
  const wide = ["ff02::1", "100::1", "64:ff9b::808:808", "64:ff9b:1::1", "5f00::1", "4000::1"];
  const within = ["2001::1", "2001:2::1", "2001:20::1", "2001:1ff::1", "2001:db8::1"];
  const tunnels = ["2002:808:808::1", "3fff::1", "3fff:fff::1", "::8.8.8.8", "::ffff:0:808:808"];
  assert.deepEqual([...local, ...wide, ...within, ...tunnels].filter(isPublicAddress), []);
});

Deno.test("isPublicAddress() is true right outside the special ranges of global unicast", () => {
  const literals = ["2001:200::", "2001:db7:ffff::", "2001:db9::", "2003::", "3fff:1000::"];
  assert.deepEqual([...literals, "2000::1"].filter((literal) => !isPublicAddress(literal)), []);
});

Deno.test("isPublicAddress() is false of all IPv6 outside global unicast", () => {
  fc.assert(fc.property(groups, ([first = 0, ...rest]) => {
    const outside = first >> 13 === 1 ? first ^ 0x8000 : first;
    assert.equal(isPublicAddress(hex([outside, ...rest])), false);
  }));
});

Deno.test("isPublicAddress() is false of every IPv6 with an IPv4 inside, also a public one", () => {
  fc.assert(fc.property(v4, (value) => {
    const [high, low] = [Math.floor(value / 65536), value % 65536].map((word) => word.toString(16));
    const dotted = dottedOf(value);
    const mapped = [`::ffff:${dotted}`, compressed(`::ffff:${dotted}`), `::${dotted}`];
    const nat64 = [`64:ff9b::${dotted}`, `64:ff9b:1::${high}:${low}`];
    const tunnels = [`2002:${high}:${low}::1`, `2001::${high}:${low}`];
    assert.deepEqual([...mapped, ...nat64, ...tunnels].filter(isPublicAddress), []);
  }));
});

Deno.test("isPublicAddress() is false of where clouds keep their metadata", () => {
  const v4 = ["169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192"];
  assert.deepEqual([...v4, "fd00:ec2::254", "fd20:ce::254"].filter(isPublicAddress), []);
});

Deno.test("isPublicAddress() says the same of every spelling of an IPv6", () => {
  const first = fc.constantFrom(0x2001, 0x2002, 0x2a02, 0x3fff, 0xfe80, 0);
  fc.assert(fc.property(first, groups, (start, [, ...rest]) => {
    const full = hex([start, ...rest]);
    const tail = dottedOf(rest[5]! * 65536 + rest[6]!);
    const spellings = [
      compressed(full),
      full.toUpperCase(),
      `${hex([start, ...rest.slice(0, 5)])}:${tail}`,
    ];
    assert.deepEqual(spellings.map(isPublicAddress), Array(3).fill(isPublicAddress(full)));
  }));
});

Deno.test("isPublicAddress() is false of what is not an address", () => {
  const v4 = [
    "",
    "8.8.8",
    "8.8.8.8.8",
    "8.8.8.256",
    "08.8.8.8",
    "0x8.8.8.8",
    " 8.8.8.8",
    "134744072",
  ];
  const v6 = ["2a02::1::2", ":::", "2a02", "2a02:::1", "2a02::1%eth0", "[2a02::1]", "2a02::g"];
  const sizes = ["2a02:1:2:3:4:5:6", "2a02:1:2:3:4:5:6:7:8", "2a02::1:2:3:4:5:6:7", "2a02::12345"];
  const tails = ["2a02::8.8.8.8:1", "8.8.8.8::", "2a02::8.8.8", "2a02:1:2:3:4:5:6:8.8.8.8"];
  assert.deepEqual([...v4, ...v6, ...sizes, ...tails].filter(isPublicAddress), []);
});

Deno.test("isPublicAddress() never throws, whatever the text", () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,50}$/));
  fc.assert(fc.property(text, (literal) => {
    assert.equal(typeof isPublicAddress(literal), "boolean");
  }));
});

Deno.test("parseAddressRange() holds exactly the addresses that share its prefix", () => {
  const inside = (range: string, literals: readonly string[]) =>
    literals.filter((literal) => isAddressIn(literal, [parseAddressRange(range)!]));
  const near = ["172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"];
  assert.deepEqual(inside("172.16.0.0/12", near), ["172.16.0.0", "172.31.255.255"]);
  assert.deepEqual(inside("10.1.2.3", ["10.1.2.3", "10.1.2.4"]), ["10.1.2.3"]);
  const v6 = ["fcff::", "fd00::", "fdff:ffff::1", "fe00::"];
  assert.deepEqual(inside("fd00::/8", v6), ["fd00::", "fdff:ffff::1"]);
});

Deno.test("isAddressIn() never mixes the families: a mapped address is not the IPv4 in it", () => {
  const ranges = [parseAddressRange("10.0.0.0/8")!, parseAddressRange("fd00::/8")!];
  const literals = ["::ffff:10.0.0.1", "a00::", "253.0.0.1", "::", "", "10.0.0.1.", "10.1"];
  assert.deepEqual(literals.filter((literal) => isAddressIn(literal, ranges)), []);
});

Deno.test("parseAddressRange() gives undefined for what is no range, a slip or too wide", () => {
  const shapes = ["", "/8", "10.0.0.0/", "10.0.0.0/a", "10/8", "10.0.0.0/33", "::/129", "a.com/8"];
  const slips = ["10.0.0.1/8", "10.0.0.0/6", "0.0.0.0/0", "::/0", "fd00::1/64", "[fd00::]/8"];
  assert.deepEqual([...shapes, ...slips].filter((text) => parseAddressRange(text)), []);
});

Deno.test("isLoopbackAddress() is true of 127.0.0.0/8 and ::1 only", () => {
  const right = ["127.0.0.1", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1"];
  const wrong = ["128.0.0.1", "126.0.0.1", "::", "::2", "::ffff:127.0.0.1", "localhost", "127.1"];
  assert.deepEqual([...right, ...wrong].filter(isLoopbackAddress), right);
});
