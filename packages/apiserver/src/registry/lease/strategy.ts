import type { Lease } from '@podling/shared/api';
import { leaseKind } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';
import type { Strategy } from '../rest/strategy.ts';

export const leaseStrategy: Strategy<Lease> = plainStrategy(leaseKind, { allowsUnconditionalUpdate: false, allowsCreateOnUpdate: true });
