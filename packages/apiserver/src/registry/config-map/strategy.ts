import { configMapKind } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';

export const configMapStrategy = plainStrategy(configMapKind);
