import { join } from 'node:path';
import type { Pod } from '@podling/shared/api';
import type { ServiceLister } from '../objects/service-lister.ts';
import { createDnsContext } from '../runtime/dns-context.ts';
import type { NodeContext } from '../runtime/kube-runtime-manager.ts';
import { kubernetesService } from '../runtime/kubernetes-service.ts';
import { addressOf, serviceVariables } from '../runtime/service-variables.ts';
import type { Core } from './core.ts';

/** What every container of the node is told about it. */
export function nodeContext({ config, allocatable }: Core): NodeContext {
  const { clusterDomain, nodeIp } = config;
  return {
    hostIPs: [nodeIp],
    ...allocatable,
    clusterDomain,
    dns: createDnsContext(config),
    security: { seccompDefault: config.seccompDefault, seccompRoot: join(config.rootDir, 'seccomp') },
  };
}

/** While no Service is routed, `kubernetes` is where the apiserver itself is. */
export function createServiceVariables({ config, deps, client }: Core, services: ServiceLister): (pod: Pod) => ReadonlyMap<string, string> {
  const server = config.kubernetesServiceEndpoint ?? (deps.client ? undefined : client.rest.config.server);
  const apiserver = server === undefined ? undefined : kubernetesService(server);
  return (pod) => {
    const addresses = services.servicesFor(pod).map(addressOf);
    return serviceVariables(apiserver ? [...addresses.filter(({ name }) => name !== 'kubernetes'), apiserver] : addresses);
  };
}
