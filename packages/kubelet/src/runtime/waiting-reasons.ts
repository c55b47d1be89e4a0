/** Why a container waits, as the last attempt to start it has told. */
export interface WaitingReason {
  reason: string;
  message: string;
}

/** By container name. */
export type WaitingReasons = ReadonlyMap<string, WaitingReason>;

const none: WaitingReasons = new Map();

/** Why the containers of each pod wait, until their next successful start. Upstream twin: kubelet `reasonCache`. */
export class WaitingReasonCache {
  readonly #byUid = new Map<string, Map<string, WaitingReason>>();

  get(uid: string): WaitingReasons {
    return this.#byUid.get(uid) ?? none;
  }

  set(uid: string, container: string, reason: WaitingReason): void {
    const reasons = this.#byUid.get(uid) ?? new Map<string, WaitingReason>();
    this.#byUid.set(uid, reasons.set(container, reason));
  }

  clear(uid: string, container: string): void {
    this.#byUid.get(uid)?.delete(container);
  }

  forget(uid: string): void {
    this.#byUid.delete(uid);
  }
}
