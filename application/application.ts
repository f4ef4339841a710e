// Binds every use case to its ports once; the type is the driving port, all that an HTTP or other driver sees.

import type { Callback } from "../domain/callback.ts";
import type { Invoice, InvoiceChanges, InvoiceDetails } from "../domain/invoice.ts";
import type { Cause, Payment } from "../domain/payment.ts";
import type { Webhook } from "../domain/webhook.ts";
import { acceptClaim, type AcceptClaimCommand } from "./accept_claim.ts";
import { createAskBudget } from "./ask_budget.ts";
import { createRecipientGuesses } from "./recipient_guesses.ts";
import { cancelPayment } from "./cancel_payment.ts";
import { checkReadiness, type Readiness } from "./check_readiness.ts";
import { type Created, createPayment, type CreatePaymentCommand } from "./create_payment.ts";
import {
  decideReview,
  listReviews,
  type ReviewDecision,
  type ReviewItem,
} from "./decide_review.ts";
import { deliverCallback } from "./deliver_callback.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { followPayment } from "./follow_payment.ts";
import { getBalance } from "./get_balance.ts";
import { getPayment } from "./get_payment.ts";
import { getSubmission, type SubmissionState } from "./get_submission.ts";
import { createInFlight } from "./in_flight.ts";
import { type EventPage, listEvents } from "./list_events.ts";
import type {
  CallbackFilter,
  Page,
  PageRequest,
  PaymentFilter,
  Ports,
  RecordFilter,
  Settings,
  WebhookFilter,
} from "./ports.ts";
import type { Balance } from "./provider_ports.ts";
import { patientGateway } from "./patient_gateway.ts";
import { processWebhook } from "./process_webhook.ts";
import { receiveWebhook } from "./receive_webhook.ts";
import { createInvoice, getInvoice, updateInvoice } from "./record_invoice.ts";
import { acceptRestoreCheck, type RestoreAcceptance } from "./restore_check.ts";
import { createRestoreChecker, type RestoreChecker } from "./restore_checker.ts";
import { getCallback, retryCallback, retryDeadCallbacks } from "./retry_callbacks.ts";
import { resolveDoubt } from "./resolve_doubt.ts";
import { createScanner } from "./scanner.ts";
import { createSubmissionGate, setPause, type SubmissionPause } from "./submission_gate.ts";
import { createSubmitter } from "./submitter.ts";
import { tellEvents } from "./tell_events.ts";
import { type PaymentChanges, updatePayment } from "./update_payment.ts";
import { getWebhook, replayWebhook } from "./webhook_log.ts";
import { createWorkers, type Workers } from "./workers.ts";

/** Every method throws a Refusal for what the caller must mend, and anything else only for a bug or an outage. */
export interface Application {
  createPayment(command: CreatePaymentCommand, cause: Cause): Promise<Created>;
  /** By our id or Konsol's; `refresh` asks Konsol first. */
  getPayment(id: string, options: { readonly refresh: boolean }, cause: Cause): Promise<Payment>;
  listPayments(filter: PaymentFilter, page: PageRequest): Promise<Page<Payment>>;
  updatePayment(id: string, changes: PaymentChanges, cause: Cause): Promise<Payment>;
  cancelPayment(id: string, cause: Cause): Promise<Payment>;
  acceptClaim(command: AcceptClaimCommand, cause: Cause): Promise<Created>;
  getBalance(): Promise<Balance & { readonly asOf: number }>;
  receiveWebhook(body: Uint8Array): Promise<Webhook>;
  getWebhook(id: string): Promise<Webhook>;
  listWebhooks(filter: WebhookFilter, page: PageRequest): Promise<Page<Webhook>>;
  replayWebhook(id: string): Promise<Webhook>;
  listCallbacks(filter: CallbackFilter, page: PageRequest): Promise<Page<Callback>>;
  getCallback(id: string): Promise<Callback>;
  retryCallback(id: string): Promise<Callback>;
  /** Those that were given up, as many of them as one request takes up. */
  retryDeadCallbacks(
    range: Pick<CallbackFilter, "createdFrom" | "createdTo">,
  ): Promise<{ retried: number; hasMore: boolean }>;
  /** In the order in which they were committed, those after that one. */
  listEvents(after: string | undefined, limit: number): Promise<EventPage>;
  /** `replayed`: the same invoice was recorded before. */
  createInvoice(details: InvoiceDetails): Promise<{ invoice: Invoice; replayed: boolean }>;
  getInvoice(id: string): Promise<Invoice>;
  listInvoices(filter: RecordFilter, page: PageRequest): Promise<Page<Invoice>>;
  updateInvoice(id: string, changes: InvoiceChanges): Promise<Invoice>;
  /** What wants a person, newest first, with its evidence. */
  listReviews(page: PageRequest): Promise<Page<ReviewItem>>;
  decideReview(id: string, decision: ReviewDecision): Promise<Payment>;
  /** Durable, for all instances; creates are still taken while nothing is sent. */
  pauseSubmission(by: string, reason: string): Promise<SubmissionPause>;
  /** After a restore: refused until Konsol's list was read whole and what is lacking was looked at. */
  resumeSubmission(
    by: string,
    reason: string,
    acceptance?: RestoreAcceptance,
  ): Promise<SubmissionPause>;
  getSubmission(): Promise<SubmissionState>;
  checkReadiness(): Promise<Readiness>;
}

/** How much goes on at once in one process. */
const PLACES = { submissions: 32, followings: 16, inbox: 16 };

export interface Bound {
  readonly application: Application;
  readonly workers: Workers;
}

export function createApplication(outside: Ports, settings: Settings): Bound {
  const deliver = (callback: Callback) => deliverCallback(outside, settings.instance, callback);
  const deliveries = createDeliveries(outside, deliver);
  const { ring } = deliveries;
  const ports: Ports = { ...outside, payments: tellEvents(outside, ring) };
  const submissions = createInFlight("submissions", PLACES.submissions, ports);
  const followings = createInFlight("followings", PLACES.followings, ports);
  const inbox = createInFlight("inbox", PLACES.inbox, ports);
  const gate = createSubmissionGate(ports);
  const scanner = createScanner(ports);
  const resolve = (payment: Payment) => resolveDoubt(ports, settings, scanner, payment);
  const restore = createRestoreChecker(ports, scanner);
  const { whyMaybePaid } = restore;
  const submitter = createSubmitter(ports, settings, { gate, resolve, whyMaybePaid }, submissions);
  const budget = createAskBudget();
  const process = (webhook: Webhook) =>
    inbox.run(webhook.id, () => processWebhook(ports, budget, webhook));
  const workers = createWorkers(ports, {
    submissions,
    followings,
    inbox,
    process,
    submit: submitter.submit,
    deliver: ring,
    follow: (payment) => followings.run(payment.id, () => followPayment(ports, resolve, payment)),
  });
  const asking = { ...ports, gateway: patientGateway(ports.gateway, gate) };
  const creating = { submitter, guesses: createRecipientGuesses(ports) };
  const create: Application["createPayment"] = (command, cause) =>
    createPayment(ports, settings, creating, command, cause);

  const application: Application = {
    createPayment: create,
    getPayment: (id, options, cause) => getPayment(asking, id, options, cause),
    listPayments: (filter, page) => ports.payments.list(filter, page),
    updatePayment: (id, changes, cause) => updatePayment(asking, id, changes, cause),
    cancelPayment: (id, cause) => cancelPayment(asking, id, cause),
    acceptClaim: (command, cause) => acceptClaim(asking, create, command, cause),
    getBalance: () => getBalance(asking),
    async receiveWebhook(body) {
      const webhook = await receiveWebhook(ports, body);
      void process(webhook);
      return webhook;
    },
    getWebhook: (id) => getWebhook(ports, id),
    listWebhooks: (filter, page) => ports.webhooks.list(filter, page),
    replayWebhook: (id) => replayWebhook(ports, process, id),
    listCallbacks: (filter, page) => ports.callbacks.list(filter, page),
    getCallback: (id) => getCallback(ports, id),
    retryCallback: (id) => retryCallback(ports, ring, id),
    retryDeadCallbacks: (range) => retryDeadCallbacks(ports, ring, range),
    listEvents: (after, limit) => listEvents(ports, after, limit),
    createInvoice: (details) => createInvoice(ports, details),
    getInvoice: (id) => getInvoice(ports, id),
    listInvoices: (filter, page) => ports.invoices.list(filter, page),
    updateInvoice: (id, changes) => updateInvoice(ports, id, changes),
    listReviews: (page) => listReviews(ports, settings, page),
    decideReview: (id, decision) => decideReview(asking, settings, id, decision),
    pauseSubmission: (by, reason) => setPause(ports, { paused: true, by, reason }),
    async resumeSubmission(by, reason, acceptance = {}) {
      await acceptRestoreCheck(ports, acceptance);
      return await setPause(ports, { paused: false, by, reason });
    },
    getSubmission: () => getSubmission(ports, gate),
    checkReadiness: () => checkReadiness(ports, workers, gate, deliveries),
  };
  return { application, workers: together(workers, deliveries, restore) };
}

/** They start and stop together. */
function together(workers: Workers, deliveries: Deliveries, restore: RestoreChecker): Workers {
  return {
    start() {
      deliveries.start();
      workers.start();
      restore.start();
    },
    async stop() {
      await Promise.all([workers.stop(), deliveries.stop(), restore.stop()]);
    },
    reasonNotRunning: workers.reasonNotRunning,
  };
}
