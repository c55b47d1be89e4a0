import { runtimeClassKind } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';

export const runtimeClassStrategy = plainStrategy(runtimeClassKind, { allowsUnconditionalUpdate: false, allowsCreateOnUpdate: true });
