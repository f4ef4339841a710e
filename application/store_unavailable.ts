// Thrown by stores when they cannot say that something was stored or read: nothing may be acknowledged on it.

/** An outage of the store, not a bug: callers may try again, and nothing was acknowledged. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
