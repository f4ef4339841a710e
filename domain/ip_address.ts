// Which IP addresses are on the public Internet, so that nobody makes us call our own network.

/**
 * IPv4 that is not public: IANA's special-purpose registry (RFC 6890 and after), multicast,
 * reserved, and the one public address that a cloud uses for its metadata (Azure's wire server).
 */
const V4_NOT_PUBLIC: readonly string[] = [
  "0.0.0.0/8", // this network, unspecified
  "10.0.0.0/8", // private
  "100.64.0.0/10", // carrier-grade NAT
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // Azure's wire server
  "169.254.0.0/16", // link-local, metadata of most clouds
  "172.16.0.0/12", // private
  "192.0.0.0/24", // IETF protocols, metadata of Oracle's cloud
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "198.18.0.0/15", // benchmarks
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
];

/** IPv6 is public in here only: no loopback, ULA, link-local, multicast, NAT64 or mapped IPv4 is. */
const V6_GLOBAL_UNICAST = "2000::/3";

/** What is not public inside of global unicast. */
const V6_NOT_PUBLIC: readonly string[] = [
  "2001::/23", // IETF protocols: Teredo, benchmarks, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4: an IPv4 address inside
  "3fff::/20", // documentation
];

const LOOPBACK: readonly string[] = ["127.0.0.0/8", "::1/128"];

/** An address as 4 or 16 bytes. */
type Bytes = readonly number[];

/** The addresses that share their first `bits` bits; of one family. */
export interface AddressRange {
  readonly bytes: Bytes;
  readonly bits: number;
}

/** fc00::/7, the widest private range there is: a wider one would be a slip. */
const RANGE_BITS_MIN = 7;

const RANGES_V4 = V4_NOT_PUBLIC.map(rangeOf);
const RANGES_V6 = V6_NOT_PUBLIC.map(rangeOf);
const RANGES_LOOPBACK = LOOPBACK.map(rangeOf);
const RANGE_GLOBAL = rangeOf(V6_GLOBAL_UNICAST);

/**
 * Whether a literal, dotted IPv4 (four decimal parts without leading zeros) or IPv6 without
 * brackets or zone (compressed or not, also with an IPv4 tail), is an address on the public
 * Internet. An IPv6 with an IPv4 inside (mapped, NAT64, 6to4, Teredo) is not, whatever is inside:
 * no name has such an address in earnest. Text that is no such literal is not public.
 */
export function isPublicAddress(literal: string): boolean {
  const v4 = v4Bytes(literal);
  if (v4 !== undefined) return !RANGES_V4.some((range) => isInside(v4, range));
  const v6 = v6Bytes(literal);
  if (v6 === undefined) return false;
  return isInside(v6, RANGE_GLOBAL) && !RANGES_V6.some((range) => isInside(v6, range));
}

/** Whether a literal, written as isPublicAddress() wants it, is in one of the ranges. */
export function isAddressIn(literal: string, ranges: readonly AddressRange[]): boolean {
  const bytes = v4Bytes(literal) ?? v6Bytes(literal);
  return bytes !== undefined && ranges.some((range) => isInside(bytes, range));
}

export function isLoopbackAddress(literal: string): boolean {
  return isAddressIn(literal, RANGES_LOOPBACK);
}

/**
 * A range as operators write it: `10.0.0.0/8`, `fd00::/8`, or one address alone. Undefined when it is
 * none, wider than any private range, or has bits set behind its prefix, which hints at a slip.
 */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [, address = "", prefix] = /^([0-9a-fA-F.:]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? [];
  const bytes = v4Bytes(address) ?? v6Bytes(address);
  if (bytes === undefined) return undefined;
  const bitsMax = bytes.length * 8;
  const bits = prefix === undefined ? bitsMax : Number(prefix);
  const isPlain = Array.from({ length: bitsMax - bits }, (_, index) => bits + index)
    .every((bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) === 0);
  return bits >= RANGE_BITS_MIN && bits <= bitsMax && isPlain ? { bytes, bits } : undefined;
}

function isInside(bytes: Bytes, range: AddressRange): boolean {
  if (bytes.length !== range.bytes.length) return false;
  return range.bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, range.bits - index * 8));
    const mask = 0xff & (0xff << (8 - bits));
    return ((bytes[index] ?? 0) & mask) === (byte & mask);
  });
}

function v4Bytes(literal: string): Bytes | undefined {
  const parts = literal.split(".");
  const isDotted = parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part));
  const bytes = parts.map(Number);
  return isDotted && bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function v6Bytes(literal: string): Bytes | undefined {
  const sides = literal.split("::");
  const [left, right] = sides.map((side, index) => sideBytes(side, index === sides.length - 1));
  if (left === undefined || sides.length > 2) return undefined;
  if (sides.length === 1) return left.length === 16 ? left : undefined;
  if (right === undefined || left.length + right.length > 14) return undefined;
  return [...left, ...Array<number>(16 - left.length - right.length).fill(0), ...right];
}

/** The bytes on one side of "::"; only the last group of the last side may be an IPv4 address. */
function sideBytes(side: string, isLast: boolean): Bytes | undefined {
  const bytes: number[] = [];
  const groups = side === "" ? [] : side.split(":");
  for (const [index, group] of groups.entries()) {
    const tail = isLast && index === groups.length - 1 ? v4Bytes(group) : undefined;
    if (tail === undefined && !/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const word = Number.parseInt(group, 16);
    bytes.push(...(tail ?? [word >> 8, word & 0xff]));
  }
  return bytes;
}

/** A range of the tables above; with a mistyped address the service must not start. */
function rangeOf(text: string): AddressRange {
  const [address = "", bits] = text.split("/");
  const bytes = v4Bytes(address) ?? v6Bytes(address);
  if (bytes === undefined) throw new RangeError(`Cannot read an address range: ${text}`);
  return { bytes, bits: Number(bits) };
}
