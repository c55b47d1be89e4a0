import { serviceAccountKind } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';

export const serviceAccountStrategy = plainStrategy(serviceAccountKind, { returnsDeletedObject: true });
