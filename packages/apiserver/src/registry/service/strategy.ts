import { newInvalid } from '@podling/shared/api';
import type { Service } from '@podling/shared/api';
import { fieldSetOf } from '@podling/shared/field-set';
import { serviceKind, validateServiceAddresses } from '@podling/shared/scheme';
import { plainStrategy } from '../rest/plain-strategy.ts';
import { statusFields } from '../rest/reset-fields.ts';
import type { Strategy } from '../rest/strategy.ts';
import { alignClusterIPs, dropForType, keepAllocated } from './carry-over.ts';
import type { IPFamily } from './cluster-ip-range.ts';
import { settleIPFamilies } from './settle-ip-families.ts';

const common: Partial<Strategy<Service>> = {
  returnsDeletedObject: true,
  selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec?.clusterIP ?? '', 'spec.type': spec?.type ?? '' }),
};

/** Addresses that make no sense are refused before anything is made of them. */
function settle(service: Service, old: Service | undefined, family: IPFamily): void {
  const errors = validateServiceAddresses(service.spec ?? {});
  if (errors.length > 0) throw newInvalid(serviceKind, service.metadata.name, errors);
  settleIPFamilies(service, old, family);
}

/** The name of another place has no policy of its own. */
function dropInternalPolicy({ spec }: Service): void {
  if (spec?.type === 'ExternalName') delete spec.internalTrafficPolicy;
}

/** `family`: the one the cluster gives addresses of. */
export function createServiceStrategy(family: IPFamily): Strategy<Service> {
  return plainStrategy(serviceKind, {
    ...common,
    resetFields: statusFields,
    prepareForCreate(service) {
      service.status = { loadBalancer: {} };
      service.spec ??= {};
      alignClusterIPs(service.spec);
      dropInternalPolicy(service);
      settle(service, undefined, family);
    },
    prepareForUpdate(service, old) {
      service.spec ??= {};
      const before = old.spec ?? {};
      keepAllocated(service.spec, before);
      alignClusterIPs(service.spec, before);
      dropForType(service.spec, before);
      dropInternalPolicy(service);
      settle(service, old, family);
      service.status = { ...old.status, ...(service.spec.type === 'LoadBalancer' ? {} : { loadBalancer: {} }) };
    },
  });
}

export const serviceStatusStrategy: Strategy<Service> = plainStrategy(serviceKind, {
  ...common,
  resetFields: fieldSetOf([['metadata'], ['spec']]),
  prepareForUpdate(service, old) {
    service.metadata = { ...old.metadata };
    if (old.spec === undefined) delete service.spec;
    else service.spec = old.spec;
  },
  validateUpdate: serviceKind.validateStatusUpdate,
});
