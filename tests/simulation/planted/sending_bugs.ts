// Bugs to plant in when and whether a payment is sent.

import type { PlantedBug } from "./planted_bug.ts";

const SENDING = "domain/payment_sending.ts";
const SUBMIT = "application/submit_payment.ts";
const GATE = "application/submission_gate.ts";
const RECORD = "application/record_create_outcome.ts";

export const SENDING_BUGS: readonly PlantedBug[] = [
  {
    name: "an expired lease goes back to the queue",
    file: "application/follow_payment.ts",
    from: "return expired ? expireLease(current, now + lookDelay(ports.chance, 0), now) : current;",
    to: `return expired
      ? { ...current, submission: "queued", lease: undefined, dueAt: now, history: [...current.history,
          { at: now, move: "T4", submission: "queued", status: current.status,
            attempt: current.attempt, cause: { kind: "timer" } }] } as Payment
      : current;`,
  },
  {
    name: "sent although the claim was not confirmed",
    file: SUBMIT,
    from: "const saved = await savePayment(ports, payment, claimForSending(payment, lease, now));",
    to: `const claim = claimForSending(payment, lease, now);
  const saved = await savePayment(ports, payment, claim)
    .catch(() => ({ kind: "saved" as const, item: { ...claim, version: payment.version + 1 } }));`,
  },
  {
    name: "sent although another claimed it",
    file: SUBMIT,
    from: 'if (saved.kind !== "saved") return await ports.payments.get(payment.id) ?? payment;',
    to: `if (saved.kind !== "saved") {
    const other = await ports.payments.get(payment.id) ?? payment;
    if (other.submission !== "submitting") return other;
    const window = { notAfter: lease.sendNotAfter, notAfterMonotonic };
    await ports.gateway.createPayment({ payment: other, cardNumber }, window);
    return other;
  }`,
  },
  {
    name: "the deadline of a send is not checked",
    file: "adapters/konsol/konsol_payment_gateway.ts",
    from: "const raw = await transport.send(call);",
    to: "const raw = await transport.send({ ...call, window: undefined });",
  },
  {
    name: "a doubt is not marked as maybe sent",
    file: SENDING,
    from: "maybeSentAt: payment.maybeSentAt ?? now,\n    candidateKonsolId",
    to: "candidateKonsolId",
  },
  {
    name: "an unknown outcome is taken for not executed",
    file: SENDING,
    from: 'if (outcome.kind === "not_executed") {',
    to: 'if (outcome.kind === "not_executed" || outcome.kind === "unknown") {',
  },
  {
    name: "a refusal after a doubt is final (T6)",
    file: SENDING,
    from: 'if (outcome.kind === "refused" && neverSent) {',
    to: 'if (outcome.kind === "refused") {',
  },
  {
    name: "T2 after a resubmit",
    file: SENDING,
    from: 'if (payment.submission !== "queued" || payment.maybeSentAt !== undefined) {',
    to: 'if (payment.submission !== "queued") {',
  },
  {
    name: "cancelled while it is being sent",
    file: "application/cancel_payment.ts",
    from:
      '(current) => current.submission === "queued" ? cancelQueued(current, now, cause) : current,',
    to: `(current) =>
      current.submission === "queued" || current.submission === "submitting"
        ? { ...cancelQueued({ ...current, submission: "queued" }, now, cause) }
        : current,`,
  },
  {
    name: "a created payment is ours whatever it says",
    file: SENDING,
    from: "const reasons = reasonsNotOurs(payment, outcome.payment);",
    to: "const reasons: string[] = [];",
  },
  {
    name: "what is not executed is due never again",
    file: SENDING,
    from: "const patch = { lease: undefined, dueAt: next.retryAt };",
    to: "const patch = { lease: undefined, dueAt: undefined };",
  },
  {
    name: "an answer is applied without its fence",
    file: SENDING,
    from: 'return payment.submission === "submitting" && payment.attempt === attempt;',
    to: 'return payment.submission === "submitting";',
  },
  {
    name: "an answer is dropped when the compare-and-set is lost",
    file: RECORD,
    from: "current = await ports.payments.get(sent.id) ?? current;\n    } catch",
    to: "return current;\n    } catch",
  },
  {
    name: "an answer is dropped when the store is away",
    file: RECORD,
    from: "if (!(error instanceof StoreUnavailable)) throw error;",
    to: "if (error) throw error;",
  },
  {
    name: "the card of another payment is sent",
    file: SUBMIT,
    from: "return vault.open(recipient.sealedNumber, payment.id);",
    to: 'return vault.open(recipient.sealedNumber, payment.id)?.replace(/^4111/, "4112");',
  },
  {
    name: "sent while sending is paused",
    file: GATE,
    from: "if (shared?.value.paused) return `${shared.value.by}: ${shared.value.reason}`;",
    to: "",
  },
  {
    name: "sent on after Konsol refused us",
    file: GATE,
    from: "if (status === undefined || !STOPS_ALL.includes(status)) return;",
    to: "if (status !== 0) return;",
  },
  {
    name: "sent on after Konsol asked us to wait",
    file: GATE,
    from: "if (now < rateLimitedUntil) return",
    to: "if (now < 0) return",
  },
  {
    name: "a trial that sends nothing keeps its place",
    file: GATE,
    from: "leave: () => reported ? undefined : breaker.leaveTrial(),",
    to: "leave: () => reported ? undefined : undefined,",
  },
  {
    name: "everything is too old to be sent",
    file: SUBMIT,
    from: "return now - payment.unsentSince >= queueMaxAgeMs ?",
    to: "return now - payment.unsentSince >= 0 ?",
  },
  {
    name: "an answer that is another's is told as a second payment",
    file: SUBMIT,
    from: "const outcome = judgeOutcome(saved.item, answer);",
    to: "const outcome = answer;",
  },
  {
    name: "a key that came with a repeat is not bound",
    file: "application/create_payment.ts",
    from:
      "return { payment: await bindKey(ports, found, command.idempotencyKey), replayed: true };",
    to: "return { payment: found, replayed: true };",
  },
  {
    name: "an honest repeat is refused",
    file: "application/create_payment.ts",
    from: "if (fields.length === 0) return stored;",
    to: 'if (fields.length === 0 && stored.submission !== "settled") return stored;',
  },
];
