import type { PodTemplate } from '@podling/shared/api';
import { labelsText } from './labels-text.ts';
import { column } from './printer.ts';
import type { Printer } from './printer.ts';

export const podTemplatePrinter: Printer = {
  columns: [
    column('Name', 'Name of the pod template.'),
    column('Containers', 'Names of the containers.'),
    column('Images', 'Images of the containers.'),
    column('Pod Labels', 'Labels that its pods get.'),
  ],
  cells(object) {
    const { metadata, template } = object as PodTemplate;
    const containers = template?.spec?.containers ?? [];
    return [
      metadata.name, containers.map(({ name }) => name).join(','), containers.map(({ image = '' }) => image).join(','),
      labelsText(template?.metadata?.labels),
    ];
  },
};
