import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { User } from '../authentication/user.ts';
import type { RequestInfo } from './request-info.ts';

/** What the filters have found out about a request, for those after them and for the handlers. */
export class RequestContext {
  /** The `Audit-Id` of the answer and of every record about the request. */
  readonly id: string;
  readonly info: RequestInfo;
  readonly receivedAt = new Date();
  #user: User | undefined;
  #impersonated: User | undefined;
  #check: ((verb: string) => Promise<void>) | undefined;

  /** `id` is the client's own name for the request, if it has one. */
  constructor(info: RequestInfo, id: string | undefined) {
    this.id = id ?? randomUUID();
    this.info = info;
  }

  /** Whose request it counts as. */
  get user(): User {
    if (!this.#user) throw new Error('the request has not been authenticated');
    return this.#impersonated ?? this.#user;
  }

  /** Who has sent it; undefined before authentication, or where it failed. */
  get knownUser(): User | undefined {
    return this.#user;
  }

  /** As whom its sender acts, if it is not themselves. */
  get impersonatedUser(): User | undefined {
    return this.#impersonated;
  }

  identify(user: User): void {
    this.#user = user;
  }

  impersonate(user: User): void {
    this.#impersonated = user;
  }

  /** `check` throws 403 for a verb that the user may not do to what the request is about. */
  authorizeBy(check: (verb: string) => Promise<void>): void {
    this.#check = check;
  }

  /** For a request that turns out to be another one too, such as an apply that creates. Throws 403. */
  async requireVerb(verb: string): Promise<void> {
    if (!this.#check) throw new Error('the request has not been authorized');
    await this.#check(verb);
  }
}

const contexts = new WeakMap<IncomingMessage, RequestContext>();

export function setContext(request: IncomingMessage, context: RequestContext): void {
  contexts.set(request, context);
}

/** The context that the filters made; a request without one has passed no filter, which is a broken invariant. */
export function contextOf(request: IncomingMessage): RequestContext {
  const context = contexts.get(request);
  if (!context) throw new Error('the request has passed no filter');
  return context;
}

/** Undefined for a request whose very URL could not be read. */
export function knownContextOf(request: IncomingMessage): RequestContext | undefined {
  return contexts.get(request);
}
