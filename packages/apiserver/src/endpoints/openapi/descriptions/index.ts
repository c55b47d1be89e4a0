import type { ModelDescriptions } from '../descriptions.ts';

/** All there are, in tables by subject. */
export const descriptions: readonly ModelDescriptions[] = [];
