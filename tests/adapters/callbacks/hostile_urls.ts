// URLs that would make us call our own machine or network, and what a lying name server says of their names.

/** 127.0.0.1, as it has been written to slip past filters; {p} is a port at which somebody listens. */
const LOOPBACK_HOSTS = [
  ..."127.0.0.1 127.0.0.1. 127.1 127.0.1 127.000.000.001 127.0.0.01 0127.0.0.1 127.127.127.127"
    .split(" "),
  ..."2130706433 2130706433. 02130706433 0x7f000001 0X7F000001 0x7f.1 0x7f.0.0.1 0x7f.0x0.0x0.0x1"
    .split(
      " ",
    ),
  ..."017700000001 0177.1 0177.0.0.1 0177.0x0.0.1 0177.0000.0000.0001 00000177.1 0x7f.0177.1".split(
    " ",
  ),
  ..."127.0.0.255 127.255.255.254 127.65536 127.16777215 0x7f.16777215".split(" "),
  ..."①②⑦.⓪.⓪.① １２７.０.０.１ １２７。０。０。１ 127。0。0。1 127．0．0．1 127｡0｡0｡1 𝟏𝟐𝟕.𝟎.𝟎.𝟏"
    .split(" "),
  ..."%31%32%37.0.0.1 127%2e0%2e0%2e1 %6c%6f%63%61%6c%68%6f%73%74 127.0.0.1%00".split(" "),
  ..."0 0.0 0.0.0.0 0x0 00 000.000.000.000 0.0.0.1 0.255.255.255".split(" "),
  ..."localhost LOCALHOST localhost. LocalHost ⓛⓞⓒⓐⓛⓗⓞⓢⓣ ｌｏｃａｌｈｏｓｔ local\u00adhost a.localhost app.localhost."
    .split(" "),
  ..."[::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::0001] [::] [0::0]".split(
    " ",
  ),
  ..."[::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::FFFF:7F00:1] [0:0:0:0:0:ffff:7f00:1]".split(
    " ",
  ),
  ..."[::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1]".split(" "),
  ..."[2002:7f00:1::] [2002:7f00:1::1] [2001:0:7f00:1::] [2001::80ff:fffe] [::1%25lo] [::1%lo]"
    .split(" "),
  ..."[::1%25eth0] [fe80::1%25eth0] [::ffff:127.0.0.1%25lo] [::1]. [v1.::1]".split(" "),
];

/** Other places that are not on the public Internet, or that a cloud keeps its secrets at. */
const PRIVATE_HOSTS = [
  ..."10.0.0.1 10.255.255.255 10.1 167772161 0x0a000001 012.0.0.1 172.16.0.1 172.31.255.255".split(
    " ",
  ),
  ..."2886729729 192.168.0.1 192.168.1 3232235521 0xc0a80001 0300.0250.0.1 100.64.0.1".split(" "),
  ..."100.127.255.254 169.254.169.254 169.254.43518 2852039166 0xa9fea9fe 0251.0376.0251.0376"
    .split(" "),
  ..."169.254.169.253 169.254.170.2 169.254.0.1 168.63.129.16 100.100.100.200 192.0.0.192".split(
    " ",
  ),
  ..."192.0.2.1 198.51.100.1 203.0.113.1 198.18.0.1 198.19.255.255 192.88.99.1 224.0.0.1".split(
    " ",
  ),
  ..."239.255.255.255 240.0.0.1 255.255.255.255 4294967295 0xffffffff 037777777777".split(" "),
  ..."[fc00::1] [fd00::1] [fdff:ffff::1] [fe80::1] [febf::1] [fec0::1] [ff02::1] [ff0e::1]".split(
    " ",
  ),
  ..."[fd00:ec2::254] [fd20:ce::254] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe]".split(" "),
  ..."[::169.254.169.254] [64:ff9b::a9fe:a9fe] [64:ff9b::10.0.0.1] [2002:a9fe:a9fe::1]".split(" "),
  ..."[2002:a00:1::1] [::ffff:10.0.0.1] [::ffff:192.168.0.1] [2001:db8::1] [2001::1]".split(" "),
  ..."[100::1] [5f00::1] [3fff::1] [2001:10::1] [2001:20::1] [4000::1] [::ffff:8.8.8.8]".split(" "),
  ..."8.8.8.8 134744072 0x08080808 010.8.8.8 [2a02:6b8::1] [2606:4700:4700::1111]".split(" "),
  ..."metadata metadata.google.internal metadata.google.internal. METADATA.GOOGLE.INTERNAL".split(
    " ",
  ),
  ..."instance-data.ec2.internal kubernetes kubernetes.default.svc.cluster.local router".split(" "),
  ..."host.docker.internal gateway.docker.internal printer.local db.internal intranet".split(" "),
];

/** Names in good order, each of which the name server below sends somewhere else. */
const LYING_NAMES = [
  ..."127.0.0.1.nip.io 7f000001.nip.io 127-0-0-1.sslip.io 10.0.0.1.xip.io localtest.me".split(" "),
  ..."169.254.169.254.nip.io metadata.nicob.net vcap.me lvh.me spoofed.burpcollaborator.net".split(
    " ",
  ),
  ..."loopback.example mapped.example nat64.example sixtofour.example ula.example".split(" "),
  ..."linklocal.example multicast.example unspecified.example cgnat.example garbage.example".split(
    " ",
  ),
  ..."zoned.example metadata6.example mixed.example mixed6.example last.example нет.example".split(
    " ",
  ),
];

/** What stands around the host. */
const SHAPES = [
  "https://user@127.0.0.1:{p}/",
  "https://user:password@example.com:{p}/",
  "https://example.com@127.0.0.1:{p}/",
  "https://example.com:443@127.0.0.1:{p}/",
  "https://:@127.0.0.1:{p}/",
  "https://@127.0.0.1:{p}/",
  "https://127.0.0.1:{p}\\@example.com/",
  "https://example.com\\@127.0.0.1:{p}/",
  "https://example.com%40127.0.0.1:{p}/",
  "https://example.com#@127.0.0.1:{p}/",
  "https://127.0.0.1:{p}#@example.com/",
  "https://127.0.0.1:{p}?@example.com/",
  "https://127.0.0.1:{p}/?a=https://example.com/",
  "https:127.0.0.1:{p}/",
  "https:/127.0.0.1:{p}/",
  "https:///127.0.0.1:{p}/",
  "https:////127.0.0.1:{p}/",
  "https:\\\\127.0.0.1:{p}\\",
  "https://\\127.0.0.1:{p}/",
  "//127.0.0.1:{p}/",
  " https://127.0.0.1:{p}/",
  "https://127.0.0.1:{p}/ ",
  "\thttps://127.0.0.1:{p}/",
  "ht\ntps://127.0.0.1:{p}/",
  "https://127.0.0.1\r\n:{p}/",
  "https://127.0\t.0.1:{p}/",
  "https://127.0.0.1:{p}\u0000/",
  "https://127.0.0.1\u0000.example.com:{p}/",
  "https://example.com:{p}/\r\nHost: 127.0.0.1",
  "HTTPS://127.0.0.1:{p}/",
  "http://127.0.0.1:{p}/",
  "http://localhost:{p}/",
  "http://example.com:{p}/",
  "http://example.com/",
  "ftp://127.0.0.1:{p}/",
  "ftps://127.0.0.1:{p}/",
  "gopher://127.0.0.1:{p}/_GET%20/",
  "dict://127.0.0.1:{p}/info",
  "ldap://127.0.0.1:{p}/",
  "ws://127.0.0.1:{p}/",
  "wss://127.0.0.1:{p}/",
  "tftp://127.0.0.1:{p}/",
  "jar:https://127.0.0.1:{p}!/",
  "view-source:https://127.0.0.1:{p}/",
  "blob:https://127.0.0.1:{p}/1",
  "file:///etc/passwd",
  "file://127.0.0.1/etc/passwd",
  "data:text/plain,x",
  "javascript:fetch('https://127.0.0.1:{p}/')",
  "unix:/var/run/docker.sock",
  "https+unix://%2Fvar%2Frun%2Fdocker.sock/",
  "https://",
  "https://:{p}/",
  "https://.:{p}/",
  "https://..:{p}/",
  "https://.127.0.0.1:{p}/",
  "https://127.0.0.1..:{p}/",
  "https://localhost..:{p}/",
  "https://[127.0.0.1]:{p}/",
  "https://[::1:{p}/",
  "https://::1:{p}/",
  "https://127.0.0.1:{p}:{p}/",
  "https://127.0.0.256:{p}/",
  "https://0x100000000:{p}/",
  "https://127.0.0.1.:{p}./",
  "https://*.example.com/",
  "https://exa mple.com/",
  "https://example.com:22/",
  "https://example.com:25/",
  "https://example.com:80/",
  "https://example.com:6379/",
  "https://example.com:8443/",
  "https://example.com:0/",
  "https://example.com:65536/",
  "https://example.com:-1/",
  "https://example.com:４４４/",
  "https://xn--/",
  "https://xn--a/",
  "https://a..example.com/",
  `https://${"a".repeat(64)}.example.com/`,
  `https://${"a.".repeat(130)}com/`,
  `https://example.com/${"a".repeat(2_100)}`,
  "",
  "callback",
  "127.0.0.1:{p}",
  "localhost:{p}",
];

/** Each once; `port` is one that callbacks may go to and at which somebody of ours listens. */
export function hostileUrls(port: number): string[] {
  const hosts = [...LOOPBACK_HOSTS, ...PRIVATE_HOSTS, ...LYING_NAMES];
  const urls = [...hosts.map((host) => `https://${host}:{p}/`), ...SHAPES];
  return [...new Set(urls.map((url) => url.replaceAll("{p}", String(port))))];
}

const LIES: Readonly<Record<string, readonly string[]>> = {
  "10.0.0.1.xip.io": ["10.0.0.1"],
  "169.254.169.254.nip.io": ["169.254.169.254"],
  "metadata.nicob.net": ["169.254.169.254"],
  "mapped.example": ["::ffff:127.0.0.1"],
  "nat64.example": ["64:ff9b::7f00:1"],
  "sixtofour.example": ["2002:7f00:1::1"],
  "ula.example": ["fd00::1"],
  "linklocal.example": ["fe80::1"],
  "multicast.example": ["224.0.0.1"],
  "unspecified.example": ["0.0.0.0", "::"],
  "cgnat.example": ["100.64.0.1"],
  "garbage.example": ["localhost", "", "0x7f000001"],
  "zoned.example": ["fe80::1%lo", "::1%lo"],
  "metadata6.example": ["fd00:ec2::254"],
  "mixed.example": ["93.184.215.14", "127.0.0.1"],
  "mixed6.example": ["2606:2800:21f:cb07::1", "::1"],
  "last.example": [...Array.from({ length: 50 }, (_, index) => `93.184.215.${index}`), "10.0.0.1"],
};

/** Loopback for every name that it has no better lie for. */
export function lyingResolve(name: string): Promise<readonly string[]> {
  return Promise.resolve(LIES[name] ?? ["127.0.0.1"]);
}
