import type { RequestHandler } from 'express';
import { newTooManyRequests } from '@podling/shared/api';
import { mastersGroup } from '../../authentication/user.ts';
import type { Metrics } from '../metrics.ts';
import { isLongRunning, isReadOnly } from '../request-attributes.ts';
import { contextOf } from '../request-context.ts';

export interface InFlightLimits {
  /** 0 = no limit. */
  readOnly: number;
  /** 0 = no limit. */
  mutating: number;
}

const retryAfterSeconds = 1;

function tooMany(): Error {
  return newTooManyRequests('Too many requests, please try again later.', retryAfterSeconds);
}

/** The requests of one kind that are being answered. */
class Places {
  readonly #limit: number;
  readonly #observe: (taken: number) => void;
  #taken = 0;

  constructor(limit: number, observe: (taken: number) => void) {
    this.#limit = limit;
    this.#observe = observe;
  }

  get full(): boolean {
    return this.#limit > 0 && this.#taken >= this.#limit;
  }

  take(): () => void {
    this.#observe((this.#taken += 1));
    return () => this.#observe((this.#taken -= 1));
  }
}

/**
 * Reads and writes have separate limits; what lasts has none. Beyond the limit 429 with Retry-After, except for
 * system:masters, who must be able to look. One instance for all listeners. Upstream twin: `WithMaxInFlightLimit`.
 */
export function maxInFlightFilter(limits: InFlightLimits, metrics: Metrics): RequestHandler {
  const readOnly = new Places(limits.readOnly, (taken) => metrics.observeInFlight('readOnly', taken));
  const mutating = new Places(limits.mutating, (taken) => metrics.observeInFlight('mutating', taken));
  return (request, response, next) => {
    const { info, user } = contextOf(request);
    if (isLongRunning(info)) return next();
    const places = isReadOnly(info) ? readOnly : mutating;
    if (places.full && !user.groups.includes(mastersGroup)) throw tooMany();
    response.once('close', places.take());
    next();
  };
}
