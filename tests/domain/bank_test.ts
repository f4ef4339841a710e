// Laws of domain/bank.ts.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bank, BANKS, parseBank } from "../../domain/bank.ts";

const bank = fc.constantFrom(...BANKS);
const named = bank.chain((of) =>
  fc.record({ bank: fc.constant(of), name: fc.constantFrom(of.name, ...of.aliases) })
);

function idOf(input: string, banks: readonly Bank[] = BANKS): string {
  const answer = parseBank(input, banks);
  return answer.ok ? answer.value.id : answer.code;
}

function messageOf(input: string, banks: readonly Bank[] = BANKS): string {
  const answer = parseBank(input, banks);
  return answer.ok ? assert.fail(`${input} was parsed`) : answer.message;
}

function bankNamed(id: string, name: string, ...aliases: string[]): Bank {
  return { id, name, aliases };
}

Deno.test("BANKS is the table of konsol-api.md", () => {
  assert.deepEqual(BANKS.map(({ id }) => id), [
    "100000000111",
    "100000000004",
    "100000000005",
    "100000000008",
    "100000000007",
    "100000000001",
    "100000000010",
    "100000000013",
    "100000000020",
    "100000000273",
    "100000000150",
    "100000000284",
  ]);
});

Deno.test("parseBank() finds a bank by its member id", () => {
  fc.assert(fc.property(bank, (of) => {
    assert.deepEqual(parseBank(` ${of.id} `), { ok: true, value: of });
  }));
});

Deno.test("parseBank() finds a bank by each of its names", () => {
  fc.assert(fc.property(named, ({ bank, name }) => {
    assert.deepEqual(parseBank(name), { ok: true, value: bank });
  }));
});

Deno.test("parseBank() does not mind case, quotes, surrounding spaces and kinds of dashes", () => {
  const dash = fc.constantFrom("-", " ", "\u2013", "\u2011", " - ", "");
  const around = fc.constantFrom(["«", "»"], ['"', '"'], ["  ", "\n"], ["„", "“"]);
  fc.assert(fc.property(named, fc.boolean(), dash, around, (of, isUpper, joint, [from, to]) => {
    const name = of.name.replace(/[- ]/, joint);
    const typed = from + (isUpper ? name.toUpperCase() : name.toLowerCase()) + to;
    assert.equal(idOf(typed), of.bank.id);
  }));
});

Deno.test("parseBank() does not mind one more bank word before or after the name", () => {
  const word = fc.constantFrom("банк", "Банк", "bank", "BANK");
  fc.assert(fc.property(named, word, fc.boolean(), (of, extra, isBefore) => {
    assert.equal(idOf(isBefore ? `${extra} ${of.name}` : `${of.name} ${extra}`), of.bank.id);
  }));
});

Deno.test("parseBank() finds a bank whose bank word was left out", () => {
  const typed = ["озон", "яндекс", "ПСБ", "альфа"];
  assert.deepEqual(typed.map((name) => idOf(name)), [
    "100000000273",
    "100000000150",
    "100000000010",
    "100000000008",
  ]);
});

Deno.test("parseBank() takes е for ё and the other way round", () => {
  const banks = [bankNamed("1", "Зелёный Дом"), bankNamed("2", "Орел")];
  assert.deepEqual(["зеленый дом", "Орёл", "ЗЕЛЁНЫЙ ДОМ"].map((name) => idOf(name, banks)), [
    "1",
    "2",
    "1",
  ]);
});

Deno.test("parseBank() reads a name that was typed with combining letters", () => {
  assert.equal(idOf("Райффайзенбанк".normalize("NFD")), "100000000007");
});

Deno.test("parseBank() takes member ids that are not all digits", () => {
  assert.equal(idOf("1crt88888881", [bankNamed("1crt88888881", "Тест")]), "1crt88888881");
});

Deno.test("parseBank() refuses a member id that nobody has, however near", () => {
  for (const id of ["110000000005", "100000000000", "10000000011", "1000000001111"]) {
    assert.equal(idOf(id), "bank_unknown", id);
  }
});

Deno.test("parseBank() asks which of the banks that share a name", () => {
  const banks = [
    bankNamed("1", "Точка"),
    bankNamed("2", "Открытие", "Точка"),
    bankNamed("3", "ВТБ"),
  ];
  assert.equal(idOf("точка", banks), "bank_ambiguous");
  assert.match(messageOf("точка", banks), /which of these: Точка \(1\), Открытие \(2\)\.$/);
});

Deno.test("parseBank() asks which where a left out bank word makes two names equal", () => {
  const banks = [bankNamed("1", "Банк Союз"), bankNamed("2", "Союз Банк")];
  assert.equal(idOf("союз", banks), "bank_ambiguous");
});

Deno.test("parseBank() prefers the name as typed to one that differs by a bank word", () => {
  const banks = [bankNamed("1", "Авангард"), bankNamed("2", "Банк Авангард")];
  assert.deepEqual([idOf("авангард", banks), idOf("банк авангард", banks)], ["1", "2"]);
});

Deno.test("parseBank() refuses the bank word alone, a single letter and nothing", () => {
  for (const input of ["банк", "Bank", "банк банк", "т", "T", "", "  ", "«»", "-"]) {
    assert.equal(idOf(input), "bank_unknown", JSON.stringify(input));
  }
});

Deno.test("parseBank() names the canonical bank that a mistyped name is nearest to", () => {
  const typed = ["Сбербнак", "Тинкоф", "Райффайзен", "vtbb", "Озан банк"];
  const expected = ["Сбербанк", "Т-Банк", "Райффайзенбанк", "ВТБ", "Озон Банк"];
  const nearest = typed.map((name) => /nearest names are: ([^,.]+)/.exec(messageOf(name))?.[1]);
  assert.deepEqual(nearest, expected);
});

Deno.test("parseBank() names at most three banks", () => {
  const banks = ["Альта", "Альфа", "Альба", "Альпа"].map((name) => bankNamed(name, name));
  assert.match(messageOf("Альма", banks), /: Альта, Альфа, Альба\.$/);
});

Deno.test("parseBank() names no bank where none is near", () => {
  assert.doesNotMatch(messageOf("Хоум Кредит"), /nearest/);
});

Deno.test("parseBank() refuses more than a hundred characters before it looks at them", () => {
  assert.equal(idOf("Сбербанк".padEnd(100)), "100000000111");
  assert.equal(idOf("Сбербанк".padEnd(101)), "bank_unknown");
});

Deno.test("parseBank() gives a bank of the directory or a reason for any text", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 120 }), (input) => {
    const answer = parseBank(input);
    assert.ok(answer.ok ? BANKS.includes(answer.value) : answer.message !== "");
  }));
});
