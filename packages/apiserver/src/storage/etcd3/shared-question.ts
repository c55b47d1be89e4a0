/**
 * A question whose answer holds for all who asked before it was sent: who comes while one is under way shares the next
 * one with all others that wait for it, so that any number of askers costs at most two questions at a time.
 */
export class SharedQuestion<A> {
  readonly #send: () => Promise<A>;
  #underWay: Promise<unknown> | undefined;
  #next: Promise<A> | undefined;

  constructor(send: () => Promise<A>) {
    this.#send = send;
  }

  /** An answer to a question that was sent after this call. Rejects as the question does. */
  ask(): Promise<A> {
    if (this.#next !== undefined) return this.#next;
    if (this.#underWay === undefined) return this.#begin();
    this.#next = this.#underWay.then(() => {
      this.#next = undefined;
      return this.#begin();
    });
    return this.#next;
  }

  #begin(): Promise<A> {
    const answer = this.#send();
    const underWay = answer.then(
      () => undefined,
      () => undefined,
    ).then(() => {
      if (this.#underWay === underWay) this.#underWay = undefined;
    });
    this.#underWay = underWay;
    return answer;
  }
}
