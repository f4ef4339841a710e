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
  assert.deepEqual(api.calls, [{ name: "resumeSubmission", args: [SIGNED.by, SIGNED.reason] }]);
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
