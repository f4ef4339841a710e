// The banks of SBP, the fast payment system: which member a name or an id means, without guessing.

import { type Parsed, parsed, unparsed } from "./parsed.ts";

/** A member of SBP. `id` is 12 characters, not always digits; `name` is the canonical one. */
export type Bank = {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
};

/** Those that README.md lists; a directory of Konsol's is not asked for. */
export const BANKS: readonly Bank[] = [
  { id: "100000000111", name: "Сбербанк", aliases: ["Сбер", "Sber", "Sberbank"] },
  { id: "100000000004", name: "Т-Банк", aliases: ["Тинькофф", "Tinkoff", "T-Bank"] },
  // Shopping lists of SBP show 110000000005 for it, which is wrong for payments to people.
  { id: "100000000005", name: "ВТБ", aliases: ["Банк ВТБ", "VTB"] },
  { id: "100000000008", name: "Альфа-Банк", aliases: ["Альфа", "Alfa"] },
  { id: "100000000007", name: "Райффайзенбанк", aliases: ["Райф", "Raiffeisen"] },
  { id: "100000000001", name: "Газпромбанк", aliases: ["ГПБ"] },
  { id: "100000000010", name: "Банк ПСБ", aliases: ["Промсвязьбанк"] },
  { id: "100000000013", name: "Совкомбанк", aliases: ["Халва"] },
  { id: "100000000020", name: "Россельхозбанк", aliases: ["РСХБ"] },
  { id: "100000000273", name: "Озон Банк", aliases: ["Ozon"] },
  { id: "100000000150", name: "Яндекс Банк", aliases: ["Yandex"] },
  { id: "100000000284", name: "Точка", aliases: [] },
];

const INPUT_LENGTH_MAX = 100;
const SUGGESTIONS_MAX = 3;
const KEY_LENGTH_MIN = 2;
const NEAR_DISTANCE_MAX = 0.5;

/** What is compared of a name: `whole`, and `loose` with and without a "банк" at its ends. */
type NameKeys = { readonly whole: string; readonly loose: readonly string[] };

/**
 * The bank that a member id (exactly) or a name or alias means. Case, ё, quotes, spaces, dashes and
 * other punctuation do not matter; a "банк" or "bank" at either end may be missing or added where
 * the name as typed is nobody's. `banks` is the directory to look in, one entry an id. Codes:
 * `bank_ambiguous` (which of these), `bank_unknown` (with up to 3 near names).
 */
export function parseBank(input: string, banks: readonly Bank[] = BANKS): Parsed<Bank> {
  if (input.length > INPUT_LENGTH_MAX) {
    return unparsed(
      "bank_unknown",
      `Send the bank's name or SBP member id in at most ${INPUT_LENGTH_MAX} characters.`,
    );
  }
  const matches = matchingBanks(input, banks);
  const [first] = matches;
  if (first === undefined) return unparsed("bank_unknown", unknownMessage(input, banks));
  if (matches.length > 1) {
    const choices = matches.map((bank) => `${bank.name} (${bank.id})`).join(", ");
    return unparsed("bank_ambiguous", `Send the bank's SBP member id; which of these: ${choices}.`);
  }
  return parsed(first);
}

/** By id, else by the whole name, else by the loose one: the first way that finds any. */
function matchingBanks(input: string, banks: readonly Bank[]): readonly Bank[] {
  const typed = nameKeys(input);
  const ways: readonly ((bank: Bank) => boolean)[] = [
    (bank) => bank.id === input.trim(),
    (bank) => keysOf(bank).some((key) => key.whole !== "" && key.whole === typed.whole),
    (bank) => keysOf(bank).some((key) => key.loose.some((name) => typed.loose.includes(name))),
  ];
  for (const matches of ways) {
    const found = banks.filter(matches);
    if (found.length > 0) return found;
  }
  return [];
}

const keysByBank = new WeakMap<Bank, readonly NameKeys[]>();

/** Worked out once a bank: a directory has hundreds of names, and each create asks. */
function keysOf(bank: Bank): readonly NameKeys[] {
  const known = keysByBank.get(bank) ?? [bank.name, ...bank.aliases].map(nameKeys);
  keysByBank.set(bank, known);
  return known;
}

function nameKeys(name: string): NameKeys {
  const plain = name.normalize("NFKC").toLowerCase().replaceAll("ё", "е");
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  const starts = isBankWord(words.at(0)) ? [0, 1] : [0];
  const ends = isBankWord(words.at(-1)) ? [words.length, words.length - 1] : [words.length];
  const loose = starts.flatMap((from) => ends.map((to) => words.slice(from, to).join("")))
    .filter((key) => key.length >= KEY_LENGTH_MIN && !isBankWord(key));
  return { whole: words.join(""), loose };
}

function isBankWord(word: string | undefined): boolean {
  return word === "банк" || word === "bank";
}

function unknownMessage(input: string, banks: readonly Bank[]): string {
  const near = nearestNames(nameKeys(input), banks);
  const hint = near.length > 0 ? ` The nearest names are: ${near.join(", ")}.` : "";
  return `Send the name or the SBP member id of a bank in SBP: none is known by this one.${hint}`;
}

/** Canonical names of the nearest banks, best first; what differs by more than half is not near. */
function nearestNames(typed: NameKeys, banks: readonly Bank[]): readonly string[] {
  return banks
    .map((bank) => ({
      name: bank.name,
      distance: Math.min(...keysOf(bank).map((key) => keyDistance(typed, key))),
    }))
    .filter(({ distance }) => distance <= NEAR_DISTANCE_MAX)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, SUGGESTIONS_MAX)
    .map(({ name }) => name);
}

function keyDistance(one: NameKeys, other: NameKeys): number {
  const distances = one.loose.flatMap((a) => other.loose.map((b) => relativeDistance(a, b)));
  return Math.min(1, ...distances);
}

/** Edits as a part of the longer name: 0 is equal; 1 also where the lengths alone are too unlike. */
function relativeDistance(one: string, other: string): number {
  const longer = Math.max(one.length, other.length);
  const atLeast = Math.abs(one.length - other.length) / longer;
  return atLeast > NEAR_DISTANCE_MAX ? 1 : editDistance(one, other) / longer;
}

/** Levenshtein's: insertions, deletions and replacements, in UTF-16 units, one row at a time. */
function editDistance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = above[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[other.length]!;
}
