// Roubles on the wire to integer kopecks and back, without ever computing in floats.

/** Kopecks of `1000`, `1000.5` or `"1000.50"`; undefined for anything that is not whole kopecks above zero. */
export function minorOf(roubles: number | string): number | undefined {
  const parts = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(String(roubles));
  if (!parts) return undefined;
  const minor = Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0"));
  return minor > 0 ? minor : undefined;
}

/** One division of two integers rounds to the nearest double: exactly what the decimal text parses to. */
export function roublesOf(minor: number): number {
  return minor / 100;
}
