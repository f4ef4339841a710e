// Amounts as Konsol writes them: JSON numbers or decimal texts, also nothing, also less than nothing.

import { parseAmount } from "../../domain/money.ts";

const DECIMAL = /^(-?)([0-9]+(?:\.[0-9]+)?)$/;

/** Minor units, exactly; undefined for what cannot be read so. */
export function readAmount(wire: number | string, currency: string): number | undefined {
  const [, sign, unsigned] = DECIMAL.exec(String(wire)) ?? [];
  if (unsigned === undefined) return undefined;
  if (/^[0.]+$/.test(unsigned)) return 0;
  const size = typeof wire === "number" ? Math.abs(wire) : withoutNeedlessZeros(unsigned);
  const amount = parseAmount(size, currency);
  if (!amount.ok) return undefined;
  return sign === "-" ? -amount.value : amount.value;
}

/** `1000.0000` is exact in any currency. */
function withoutNeedlessZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/0+$/, "").replace(/\.$/, "") : decimal;
}
