import type { Clock } from '@podling/shared/util';
import type { Connection } from './connection.ts';
import { isLeaseLost } from './translate-error.ts';
import { StorageError } from '../errors.ts';

interface PooledLease {
  id: Promise<string>;
  reusableUntilMs: number;
  uses: number;
}

const longestReuseMs = 60_000;
const reusedShareOfTtl = 0.05;
const mostUses = 1000;

/**
 * Leases for keys with a time to live. Keys that are written within a minute (or 5 % of their TTL, if that is less) share
 * one lease that lives by as much longer: a lease per Event would cost etcd more than the Event. No lease is renewed; it
 * goes with its keys. Upstream twin: apiserver's etcd3 lease manager.
 */
export class LeaseManager {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #pool = new Map<number, PooledLease>();

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** Calls `write` with a lease of at least `ttlSeconds`, and once more with a fresh one if etcd no longer knows the first. */
  async withLease<R>(ttlSeconds: number, write: (leaseId: string) => Promise<R>): Promise<R> {
    const leaseId = await this.#leaseFor(ttlSeconds);
    try {
      return await write(leaseId);
    } catch (error) {
      if (!(error instanceof StorageError) || !isLeaseLost(error.cause)) throw error;
      this.#pool.delete(ttlSeconds);
      return write(await this.#leaseFor(ttlSeconds));
    }
  }

  #leaseFor(ttlSeconds: number): Promise<string> {
    const nowMs = this.#clock.now();
    const pooled = this.#pool.get(ttlSeconds);
    if (pooled !== undefined && nowMs < pooled.reusableUntilMs && pooled.uses < mostUses) {
      pooled.uses += 1;
      return pooled.id;
    }
    const reuseMs = Math.min(longestReuseMs, ttlSeconds * 1000 * reusedShareOfTtl);
    const id = this.#grant(ttlSeconds + Math.ceil(reuseMs / 1000));
    const lease: PooledLease = { id, reusableUntilMs: nowMs + reuseMs, uses: 1 };
    this.#pool.set(ttlSeconds, lease);
    id.catch(() => {
      if (this.#pool.get(ttlSeconds) === lease) this.#pool.delete(ttlSeconds);
    });
    return id;
  }

  async #grant(ttlSeconds: number): Promise<string> {
    const response = await this.#connection.write((options) =>
      this.#connection.client.leaseClient.leaseGrant({ TTL: ttlSeconds, ID: 0 }, options),
    );
    return response.ID;
  }
}
