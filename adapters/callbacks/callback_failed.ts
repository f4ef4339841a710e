// Why a try got no answer, as an error on its way up to the sender; it tells nothing else, least of all the URL.

import type { CallbackFailure } from "../../domain/callback.ts";

export class CallbackFailed extends Error {
  override readonly name = "CallbackFailed";
  readonly reason: CallbackFailure;

  constructor(reason: CallbackFailure) {
    super(`Cannot deliver a callback: ${reason}`);
    this.reason = reason;
  }
}
