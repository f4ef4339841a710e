// What every Vault does.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Vault } from "../../application/ports.ts";

const CARD = "4111111111111111";
const PAYMENT = "pay_01900000-0000-7000-8000-000000000001";
const OTHER_PAYMENT = "pay_01900000-0000-7000-8000-000000000002";
const FINGERPRINT = /^[A-Za-z0-9_-]{22}$/;
const PURPOSES = ["request_field", "webhook_body"] as const;

/** `create` gives a vault with the same keys every time, `createOther` one with others. */
export function vaultContract(name: string, create: () => Vault, createOther: () => Vault): void {
  const law = (title: string, check: (vault: Vault) => void) =>
    Deno.test(`${name} ${title}`, () => check(create()));

  law("open() gives what seal() was given, in another process too", (vault) => {
    const another = create();
    fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (text, paymentId) => {
      assert.equal(another.open(vault.seal(text, paymentId), paymentId), text);
    }));
  });

  law("seal() gives another text every time", (vault) => {
    assert.notEqual(vault.seal(CARD, PAYMENT), vault.seal(CARD, PAYMENT));
  });

  law("seal() shows nothing of the number", (vault) => {
    const sealed = vault.seal(CARD, PAYMENT);
    assert.ok(!sealed.includes(CARD.slice(0, 6)) && !sealed.includes(btoa(CARD).slice(0, 6)));
  });

  law("open() gives nothing for another payment", (vault) => {
    assert.equal(vault.open(vault.seal(CARD, PAYMENT), OTHER_PAYMENT), undefined);
  });

  law("open() gives nothing under another key", (vault) => {
    assert.equal(createOther().open(vault.seal(CARD, PAYMENT), PAYMENT), undefined);
  });

  law("open() gives nothing when any one character was changed", (vault) => {
    const sealed = vault.seal(CARD, PAYMENT);
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
      assert.equal(vault.open(changed, PAYMENT), undefined, `character ${at}`);
    }
  });

  law("open() gives nothing when it was cut at any place", (vault) => {
    const sealed = vault.seal(CARD, PAYMENT);
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(vault.open(sealed.slice(0, length), PAYMENT), undefined, `length ${length}`);
    }
  });

  law("open() gives nothing for any other text, and never throws", (vault) => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.equal(vault.open(text, PAYMENT), undefined);
      assert.equal(vault.open(`v1.${text}`, PAYMENT), undefined);
    }));
  });

  law("fingerprint() is 128 bits in base64url", (vault) => {
    fc.assert(fc.property(fc.string(), fc.constantFrom(...PURPOSES), (text, purpose) => {
      assert.match(vault.fingerprint(purpose, text), FINGERPRINT);
    }));
  });

  law("fingerprint() is the same for the same text, in another process too", (vault) => {
    assert.equal(
      vault.fingerprint("request_field", CARD),
      create().fingerprint("request_field", CARD),
    );
  });

  law("fingerprint() differs between texts", (vault) => {
    const texts = ["", " ", CARD, CARD + "1", "é", "e\u0301"];
    const made = texts.map((text) => vault.fingerprint("request_field", text));
    assert.equal(new Set(made).size, texts.length);
  });

  law("fingerprint() differs between purposes", (vault) => {
    const made = PURPOSES.map((purpose) => vault.fingerprint(purpose, CARD));
    assert.equal(new Set(made).size, PURPOSES.length);
  });

  law("fingerprint() differs between keys", (vault) => {
    const other = createOther().fingerprint("request_field", CARD);
    assert.notEqual(vault.fingerprint("request_field", CARD), other);
  });
}
