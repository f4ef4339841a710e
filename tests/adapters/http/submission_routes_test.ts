// Laws of adapters/http/submission_routes.ts.

import assert from "node:assert/strict";
import { errorsOf, httpApi, jsonOf } from "../../support/http_api.ts";

const SIGNED = { reason: "Konsol said that it is down", by: "Anna" };
const AT = "2026-01-31T12:00:00.007Z";

Deno.test("POST /konsol/submission/pause pauses in the person's name and answers what holds now", async () => {
  const api = httpApi();
  const response = await api.ask("POST", "/konsol/submission/pause", { body: SIGNED });
  assert.equal(response.status, 200);
  assert.deepEqual(await jsonOf(response), { paused: true, ...SIGNED, at: AT });
  assert.deepEqual(api.calls, [{ name: "pauseSubmission", args: [SIGNED.by, SIGNED.reason] }]);
});

Deno.test("POST /konsol/submission/resume resumes in the person's name and answers what holds now", async () => {
  const api = httpApi();
  const response = await api.ask("POST", "/konsol/submission/resume", { body: SIGNED });
  assert.equal(response.status, 200);
  assert.deepEqual(await jsonOf(response), { paused: false, ...SIGNED, at: AT });
  const { by, reason } = SIGNED;
  assert.deepEqual(api.calls, [{ name: "resumeSubmission", args: [by, reason, {}] }]);
});

Deno.test("POST /konsol/submission/resume takes what a person says of a restore, and only that", async () => {
  const api = httpApi();
  const path = "/konsol/submission/resume";
  const said = { ...SIGNED, lacking_payments: 2, unscanned: true };
  assert.equal((await api.ask("POST", path, { body: said })).status, 200);
  assert.deepEqual(api.calls[0]?.args[2], { lackingPayments: 2, unscanned: true });
  for (const wrong of [{ lacking_payments: -1 }, { lacking_payments: "2" }, { unscanned: false }]) {
    assert.equal((await api.ask("POST", path, { body: { ...SIGNED, ...wrong } })).status, 422);
  }
});

Deno.test("GET /konsol/submission shows why nothing is sent and which payments a restored store lacks", async () => {
  const response = await httpApi().ask("GET", "/konsol/submission");
  assert.equal(response.status, 200);
  assert.deepEqual(await jsonOf(response), {
    sending: false,
    held: { kind: "paused", reason: "service: the store came back" },
    last_decision: { paused: true, by: "service", reason: "the store came back", at: AT },
    restore: {
      restored_at: AT,
      checked_at: "2026-01-31T12:01:30.007Z",
      lacking_payments: 1,
      lacking: [{
        konsol_id: "k-9",
        payment_id: "pay_lost",
        external_id: "order_lost",
        amount: 1000.1,
        currency: "RUB",
        konsol_status: "completed",
        created_at: "2026-01-31T11:59:00.007Z",
      }],
    },
  });
});

Deno.test("POST /konsol/submission/pause and /resume do nothing without a reason and a name", async () => {
  for (const path of ["/konsol/submission/pause", "/konsol/submission/resume"]) {
    const api = httpApi();
    const empty = api.ask("POST", path, { body: {} });
    assert.deepEqual(await errorsOf(empty), ["reason required", "by required"]);
    const wrong = { reason: "", by: " Anna", until: "tomorrow" };
    const response = await api.ask("POST", path, { body: wrong });
    assert.equal(response.status, 422);
    assert.deepEqual(await errorsOf(response), [
      "reason text_empty",
      "by name_invalid",
      "until unknown_field",
    ]);
    assert.equal((await api.ask("POST", path)).status, 415);
    assert.deepEqual(api.calls, []);
  }
});
