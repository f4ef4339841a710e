// The real gateway keeps the contract of the port, over a real socket to the sandbox.

import { KonsolPaymentGateway } from "../../../adapters/konsol/konsol_payment_gateway.ts";
import { KonsolTransport } from "../../../adapters/konsol/transport.ts";
import { systemClock as clock } from "../../../adapters/system/system_clock.ts";
import {
  type Mishap,
  type OpenGateway,
  paymentGatewayContract,
} from "../../contracts/payment_gateway_contract.ts";
import { collectingLog } from "../../support/collecting_log.ts";
import { never, Rig, token } from "../sandbox/rig.ts";

const FAULTS: Readonly<Record<Mishap, readonly [fault: string, fields: object]>> = {
  lose_answer: ["error_with_effect", {}],
  lose_before_effect: ["error_without_effect", {}],
  refuse: ["status", { status: 422, body: { errors: ["Получатель не может принять выплату"] } }],
  hold_off: ["rate_limited", { retry_after_s: 1 }],
};

async function open(): Promise<OpenGateway> {
  const rig = await Rig.open({ stepMs: never });
  const transport = new KonsolTransport({
    baseUrl: rig.sandbox.url,
    token,
    timeoutMs: 5_000,
    clock,
  });
  return {
    gateway: new KonsolPaymentGateway({ transport, clock, log: collectingLog() }),
    clock,
    executed: async () => (await rig.witness()).creates_executed,
    async seedStatus(konsolId, status) {
      await rig.move(konsolId, status);
    },
    async spoil(call, how) {
      const [fault, fields] = FAULTS[how];
      await rig.fault(fault, { call, ...fields });
    },
    async close() {
      transport.close();
      await rig[Symbol.asyncDispose]();
    },
  };
}

paymentGatewayContract("KonsolPaymentGateway", open);
