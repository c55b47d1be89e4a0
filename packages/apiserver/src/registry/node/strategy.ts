import type { Node } from '@podling/shared/api';
import { nodeKind } from '@podling/shared/scheme';
import { specFields, statusFields } from '../rest/reset-fields.ts';
import type { Strategy } from '../rest/strategy.ts';

const common = {
  kind: nodeKind,
  allowsUnconditionalUpdate: true,
  returnsDeletedObject: false,
  selectableFields: (node: Node) => ({ 'spec.unschedulable': String(node.spec?.unschedulable ?? false) }),
  /** As in Kubernetes, a node may bring its status when it registers, though not the configuration that is no longer there. */
  prepareForCreate(node: Node) {
    delete node.spec?.configSource;
    delete node.status?.config;
  },
};

export const nodeStrategy: Strategy<Node> = {
  ...common,
  resetFields: statusFields,
  prepareForUpdate(node, old) {
    if (old.status === undefined) delete node.status;
    else node.status = old.status;
    if (old.spec?.configSource === undefined) delete node.spec?.configSource;
  },
  validateUpdate: nodeKind.validateUpdate,
};

export const nodeStatusStrategy: Strategy<Node> = {
  ...common,
  resetFields: specFields,
  prepareForUpdate(node, old) {
    if (old.spec === undefined) delete node.spec;
    else node.spec = old.spec;
    if (old.status?.config === undefined) delete node.status?.config;
  },
  validateUpdate: nodeKind.validateStatusUpdate,
};
