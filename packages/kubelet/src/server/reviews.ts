import { createHash } from 'node:crypto';
import type { SubjectAccessReview, TokenReview, UserInfo } from '@podling/shared/api';
import type { Client } from '@podling/shared/client';
import type { Clock } from '@podling/shared/util';
import { ExpiringCache } from './expiring-cache.ts';

const capacity = 1024;

/** Asks the apiserver who somebody is and what they may. Both reject when it cannot be asked. */
export interface Reviews {
  /** Whose a token is; undefined for one that is none. */
  userOfToken(token: string): Promise<UserInfo | undefined>;
  /** Whether a user may do this to a subresource of the Node. */
  mayUse(user: UserInfo, verb: string, subresource: string): Promise<boolean>;
}

/** How long an answer is believed. */
export interface ReviewTtls {
  tokenMs: number;
  allowedMs: number;
  refusedMs: number;
}

/** Reviews whose answers are kept for as long as the configuration says; tokens by their hash. */
export class ApiserverReviews implements Reviews {
  readonly #client: Client;
  readonly #nodeName: string;
  readonly #ttls: ReviewTtls;
  readonly #users: ExpiringCache<UserInfo | undefined>;
  readonly #decisions: ExpiringCache<boolean>;

  constructor({ client, nodeName, ttls, clock }: { client: Client; nodeName: string; ttls: ReviewTtls; clock: Clock }) {
    this.#ttls = ttls;
    this.#client = client;
    this.#nodeName = nodeName;
    this.#users = new ExpiringCache({ clock, capacity });
    this.#decisions = new ExpiringCache({ clock, capacity });
  }

  userOfToken(token: string): Promise<UserInfo | undefined> {
    const hash = createHash('sha256').update(token).digest('base64');
    return this.#users.get(hash, () => this.#reviewToken(token), () => this.#ttls.tokenMs);
  }

  mayUse(user: UserInfo, verb: string, subresource: string): Promise<boolean> {
    const key = JSON.stringify([user.username, user.uid, user.groups, user.extra, verb, subresource]);
    return this.#decisions.get(key, () => this.#reviewAccess(user, verb, subresource), (allowed) => (allowed ? this.#ttls.allowedMs : this.#ttls.refusedMs));
  }

  async #reviewToken(token: string): Promise<UserInfo | undefined> {
    const { status } = await this.#ask<Pick<TokenReview, 'spec' | 'status'>>('authentication.k8s.io', 'TokenReview', { spec: { token } });
    return status?.authenticated ? status.user : undefined;
  }

  async #reviewAccess({ username = '', ...user }: UserInfo, verb: string, subresource: string): Promise<boolean> {
    const resourceAttributes = { verb, version: 'v1', resource: 'nodes', subresource, name: this.#nodeName };
    const { status } = await this.#ask<Pick<SubjectAccessReview, 'spec' | 'status'>>('authorization.k8s.io', 'SubjectAccessReview', { spec: { user: username, ...user, resourceAttributes } });
    return status?.allowed ?? false;
  }

  #ask<T extends object>(group: string, kind: string, body: T): Promise<T> {
    const apiVersion = `${group}/v1`;
    return this.#client.rest.request<T>({ method: 'POST', path: `/apis/${apiVersion}/${kind.toLowerCase()}s`, body: { apiVersion, kind, ...body } });
  }
}
