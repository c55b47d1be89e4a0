import type { PodDisruptionBudget } from '@podling/shared/api';
import { ageOf } from '@podling/shared/human-duration';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

const shown = (count: number | string | undefined): string => (count === undefined ? 'N/A' : String(count));

export const podDisruptionBudgetPrinter: Printer = {
  columns: [
    column('Name', 'Name of the budget.'),
    column('Min Available', 'Pods that must stay.'),
    column('Max Unavailable', 'Pods that may be away.'),
    column('Allowed Disruptions', 'Pods that may go now.', { type: 'integer' }),
    column('Age', 'Time since creation.'),
  ],
  cells(object, nowMs) {
    const { metadata, spec, status } = object as PodDisruptionBudget;
    return [
      metadata.name, shown(spec?.minAvailable), shown(spec?.maxUnavailable), status?.disruptionsAllowed ?? 0, ageOf(metadata.creationTimestamp, nowMs),
    ];
  },
};
