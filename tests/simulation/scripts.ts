// Short stories of one payment, each through another part of the service; nothing in them is left to chance.

import type { CallFate, CreateFate } from "./provider_plan.ts";
import { NO_RECEIVERS } from "./receiver_plan.ts";
import type { ScenarioPlan, StoreKind } from "./scenario_plan.ts";
import type { Story } from "./story.ts";

export interface Script {
  readonly name: string;
  /** What the creates come to, in their order; after them all is fine. */
  readonly creates?: readonly CreateFate[];
  /** Webhooks never arrive: only asking tells. */
  readonly isDeaf?: boolean;
  readonly settings?: Partial<ScenarioPlan["settings"]>;
  play(story: Story): Promise<void>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOT_PAID = { decision: "not_paid", konsol_confirmation: "письмо Консоли № 7" };

export const SCRIPTS: readonly Script[] = [
  {
    name: "paid, told by a webhook",
    async play(story) {
      await story.create();
      await story.wait(3 * MINUTE);
      await story.ask("GET", "?refresh=true");
      await story.ask("GET", "/events");
    },
  },
  {
    name: "called back of each change, and once more by hand",
    async play(story) {
      await story.create({}, { callback_url: "https://hooks.shop.example/paid" });
      await story.wait(3 * MINUTE);
      const { json } = await story.insist({ method: "GET", path: "/konsol/callbacks" }) ?? {};
      const { id } = json?.items?.[0] ?? {};
      await story.insist({ method: "POST", path: `/konsol/callbacks/${id}/retry` });
      await story.insist({ method: "GET", path: "/konsol/events?per_page=1" });
      await story.wait(30 * MINUTE);
    },
  },
  {
    name: "taken at once, paid, found by polling",
    isDeaf: true,
    async play(story) {
      await story.create({ prefer: "respond-async" });
      await story.wait(10 * MINUTE);
      await story.ask("GET");
    },
  },
  {
    name: "in doubt, found in the list",
    creates: ["reset_after"],
    isDeaf: true,
    async play(story) {
      await story.create();
      await story.wait(10 * MINUTE);
    },
  },
  {
    name: "in doubt, told by a webhook",
    creates: ["server_error_after"],
    async play(story) {
      await story.create();
      await story.wait(5 * MINUTE);
    },
  },
  {
    name: "answered with another payment's body",
    creates: ["bad_body_after"],
    isDeaf: true,
    async play(story) {
      await story.create();
      await story.wait(5 * MINUTE);
    },
  },
  {
    name: "by phone, in doubt, found in the list",
    creates: ["reset_after"],
    isDeaf: true,
    async play(story) {
      await story.createByPhone();
      await story.wait(10 * MINUTE);
    },
  },
  {
    name: "never found, sent again by the rule",
    creates: ["vanished"],
    settings: { resubmit: "after_horizon", resubmitHorizonMs: 20 * MINUTE },
    async play(story) {
      await story.create();
      await story.wait(25 * MINUTE);
      await story.create();
      await story.wait(50 * MINUTE);
    },
  },
  {
    name: "paid, lost by a restore, and asked for again",
    async play(story) {
      await story.create();
      await story.wait(MINUTE);
      await story.copyStore();
      await story.create();
      await story.wait(3 * MINUTE);
      await story.bringCopyBack();
      await story.repeat();
      await story.resumeRestored();
      await story.wait(20 * MINUTE);
    },
  },
  {
    name: "refused",
    creates: ["refused"],
    async play(story) {
      await story.create();
      await story.wait(MINUTE);
    },
  },
  {
    name: "not executed, then paid",
    creates: ["connect_failed", "rate_limited"],
    async play(story) {
      await story.create();
      await story.wait(15 * MINUTE);
    },
  },
  {
    name: "stopped by Konsol's 401, resumed by a person",
    creates: ["unauthorized"],
    async play(story) {
      await story.create();
      await story.wait(MINUTE);
      await story.insist({ method: "GET", path: "/readyz" });
      await story.post("/konsol/submission/resume");
      await story.wait(5 * MINUTE);
    },
  },
  {
    name: "cancelled while nothing is sent",
    async play(story) {
      await story.post("/konsol/submission/pause");
      await story.create({ prefer: "respond-async" });
      await story.ask("DELETE");
      await story.post("/konsol/submission/resume");
      await story.wait(MINUTE);
    },
  },
  {
    name: "changed, then cancelled at Konsol",
    async play(story) {
      await story.create();
      await story.ask("PUT", "", { description: "Другое", metadata: { note: "changed" } });
      await story.ask("DELETE");
      await story.wait(MINUTE);
    },
  },
  {
    name: "never found, decided as not paid",
    creates: ["vanished"],
    async play(story) {
      await story.create();
      await story.wait(40 * MINUTE);
      await story.decide({ ...NOT_PAID, then: "fail" });
      await story.wait(MINUTE);
    },
  },
  {
    name: "never found, resubmitted by a person",
    creates: ["vanished"],
    async play(story) {
      await story.create();
      await story.wait(40 * MINUTE);
      await story.create();
      await story.decide({ ...NOT_PAID, then: "resubmit" });
      await story.wait(20 * MINUTE);
    },
  },
  {
    name: "asked about by hand, a webhook worked off again",
    async play(story) {
      await story.create();
      await story.insist({ method: "GET", path: "/konsol/balance" });
      await story.insist({ method: "GET", path: "/konsol/payments" });
      const webhooks = await story.insist({ method: "GET", path: "/konsol/webhooks" });
      const id = webhooks?.json.items?.[0]?.id;
      if (id === undefined) return;
      await story.insist({ method: "POST", path: `/konsol/webhooks/${id}/replay` });
      await story.wait(MINUTE);
    },
  },
  {
    name: "returned by the bank after it was paid",
    async play(story) {
      await story.create();
      await story.wait(20 * MINUTE);
      const [payment] = story.ledger.ofPayment(story.id);
      if (payment?.facts.status === "completed") {
        story.ledger.change(payment, { status: "failed" }, "returned by the bank");
      }
      await story.wait(2 * HOUR);
    },
  },
];

/** A scenario in which nothing fails by itself. */
export function scriptPlan(store: StoreKind, { settings }: Script): ScenarioPlan {
  const never = {
    crashEveryMs: 0,
    stopEveryMs: 0,
    pauseEveryMs: 0,
    jumpEveryMs: 0,
    restoreAtMs: 0,
  };
  return {
    store,
    instances: 1,
    faultsMs: 0,
    lateBeyondHorizon: false,
    calmMs: 0,
    settings: {
      submitWaitMs: 2_000,
      queueMaxAgeMs: 24 * HOUR,
      konsolTimeoutMs: 5_000,
      resubmit: "never",
      resubmitHorizonMs: HOUR,
      resubmitDailyMax: 1,
      ...settings,
    },
    provider: {
      create: { fine: 1 } as Record<CreateFate, number>,
      call: { fine: 1 } as Record<CallFate, number>,
      latencyMaxMs: 20,
      lateMaxMs: 2_000,
      refusesRepeated: undefined,
      idsAreNumbers: false,
      amountsAreTexts: false,
      listBare: false,
      listLagMaxMs: 0,
      listLagIsSteady: false,
      listOrder: "newest_first",
      listAway: false,
      perPageMax: 100,
      strangers: 0,
      strangersShareHandles: false,
      stepMaxMs: 20_000,
      ends: { completed: 1, failed: 0, cancelled: 0, never: 0 },
      createdAs: "pending",
      cabinetCancels: 0,
      cabinetEditsAmount: 0,
      cabinetEditsMore: 0,
      listGarbles: 0,
      tracesErrors: false,
      strangerEveryMs: 0,
      returns: 0,
      revives: 0,
      lateTruthMaxMs: 1_000,
      unheardStatus: 0,
      webhooks: { drop: 0, repeat: 0, delayMaxMs: 50, forgeEveryMs: 0 },
    },
    storeFaults: {
      errorBefore: 0,
      errorAfter: 0,
      commitFails: 0,
      slow: 0,
      slowMaxMs: 1,
      outageEveryMs: 0,
      outageMaxMs: 1,
    },
    operators: {
      ...never,
      downMaxMs: 1_000,
      pauseMaxMs: 0,
      wakesOnClaim: false,
      pausesOnSend: 0,
      jumpMaxMs: 0,
      skewMaxMs: 0,
      restoreBackMs: 0,
      pausesSubmission: 0,
    },
    clients: {
      orders: 0,
      claims: 0,
      loses: 0,
      cancels: 0,
      updates: 0,
      repeats: 0,
      conflicts: 0,
      looks: 0,
      concurrent: 0,
      hasty: 0,
      bursts: 0,
      areSteady: false,
    },
    people: { decideEveryMs: HOUR, tooEarly: 0, resubmits: 0, getsConfirmation: 0 },
    receivers: NO_RECEIVERS,
  };
}
