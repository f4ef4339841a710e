// Bugs to plant in what a create call is taken to have come to.

import type { PlantedBug } from "./planted_bug.ts";

const OUTCOME = "adapters/konsol/create_outcome.ts";

export const OUTCOME_BUGS: readonly PlantedBug[] = [
  {
    name: "5xx is taken for not executed",
    file: OUTCOME,
    from: '429: "not_executed",',
    to:
      '429: "not_executed", 500: "not_executed", 502: "not_executed", 503: "not_executed", 504: "not_executed",',
  },
  {
    name: "403 without Konsol's body is taken for not executed",
    file: OUTCOME,
    from: "const proves = error !== undefined && namedIds(json).length === 0;",
    to: "const proves = namedIds(json).length === 0;",
  },
  {
    name: "a refusal that names a payment is believed",
    file: OUTCOME,
    from: "const proves = error !== undefined && namedIds(json).length === 0;",
    to: "const proves = error !== undefined;",
  },
  {
    name: "409 is taken for a refusal",
    file: OUTCOME,
    from: '400: "refused",',
    to: '400: "refused", 409: "refused",',
  },
  {
    name: "408 and 425 are taken for not executed",
    file: OUTCOME,
    from: '401: "not_executed",',
    to: '401: "not_executed", 408: "not_executed", 425: "not_executed",',
  },
  {
    name: "404 is taken for a refusal",
    file: OUTCOME,
    from: '402: "refused",',
    to: '402: "refused", 404: "refused",',
  },
  {
    name: "exists already is taken for a refusal",
    file: OUTCOME,
    from: "proves && !saysThatItExists(answer.body) ? ERROR_MEANS",
    to: "proves ? ERROR_MEANS",
  },
  {
    name: "a reset is taken for a connection that failed",
    file: OUTCOME,
    from: 'if (status === undefined) return { kind: "unknown", reason };',
    to:
      'if (reason === "reset") return { kind: "not_executed", because: "not_connected", reason };',
  },
  {
    name: "a timeout is taken for not executed",
    file: OUTCOME,
    from: 'if (status === undefined) return { kind: "unknown", reason };',
    to:
      'if (reason === "timeout") return { kind: "not_executed", because: "not_connected", reason };',
  },
  {
    name: "a redirect is taken for not executed",
    file: OUTCOME,
    from: "? ERROR_MEANS[status] : undefined;",
    to: '? ERROR_MEANS[status] : status < 400 ? "not_executed" : undefined;',
  },
  {
    name: "a success without a payment is taken for a refusal",
    file: OUTCOME,
    from: 'return { kind: "unknown", reason, httpStatus: status, konsolId: readableId(json) };',
    to: 'return { kind: "refused", code: reason, message: reason };',
  },
];
