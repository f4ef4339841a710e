// The service's own code, loaded from where it stands: the project, or a copy with a bug planted in it.

export interface Service {
  readonly createHttpApp: typeof import("../../adapters/http/app.ts").createHttpApp;
  readonly writeEvent: typeof import("../../adapters/http/event_body.ts").writeEvent;
  readonly KonsolPaymentGateway:
    typeof import("../../adapters/konsol/konsol_payment_gateway.ts").KonsolPaymentGateway;
  readonly createWebhookReader:
    typeof import("../../adapters/konsol/webhook_reader.ts").createWebhookReader;
  readonly createMemoryStores:
    typeof import("../../adapters/memory/create_memory_stores.ts").createMemoryStores;
  readonly openSqliteStores:
    typeof import("../../adapters/sqlite/open_sqlite_stores.ts").openSqliteStores;
  readonly createApplication: typeof import("../../application/application.ts").createApplication;
  readonly fenceRestoredStore:
    typeof import("../../application/fence_restored_store.ts").fenceRestoredStore;
  readonly StoreUnavailable:
    typeof import("../../application/store_unavailable.ts").StoreUnavailable;
}

/** What a simulation loads; the rest is what these import. */
export const SERVICE_FILES: readonly string[] = [
  "adapters/http/app.ts",
  "adapters/http/event_body.ts",
  "adapters/konsol/konsol_payment_gateway.ts",
  "adapters/konsol/webhook_reader.ts",
  "adapters/memory/create_memory_stores.ts",
  "adapters/sqlite/open_sqlite_stores.ts",
  "application/application.ts",
  "application/fence_restored_store.ts",
  "application/store_unavailable.ts",
];

export const PROJECT = new URL("../../", import.meta.url);

/** `root`: a folder with domain/, application/ and adapters/ in it. */
export async function loadService(root: URL = PROJECT): Promise<Service> {
  const modules = await Promise.all(SERVICE_FILES.map((file) => import(new URL(file, root).href)));
  return Object.assign({}, ...modules) as Service;
}
