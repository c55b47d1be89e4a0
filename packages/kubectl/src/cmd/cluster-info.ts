import type { Service } from '@podling/shared/api';
import type { Factory } from '../factory.ts';
import { fetchPages } from '../resource/fetch.ts';
import type { AnyObject } from '../resource/object.ts';
import type { Verb } from '../verb.ts';

/** Where the apiserver's proxy has the service: `https:dns:dns-tls`, `dns:dns`, `dns`. */
function proxyName({ metadata: { name }, spec }: Service): string {
  const port = spec?.ports?.[0];
  if (port === undefined) return name;
  const portName = port.name ?? '';
  if (portName === 'https' || port.port === 443) return `https:${name}:${portName}`;
  return portName === '' ? name : `${name}:${portName}`;
}

function linkOf(service: Service, server: string): string {
  const [ingress] = service.status?.loadBalancer?.ingress ?? [];
  if (ingress) return (service.spec?.ports ?? []).map(({ port }) => `http://${ingress.ip || ingress.hostname}:${port} `).join('');
  return `${server}/api/v1/namespaces/${service.metadata.namespace}/services/${proxyName(service)}/proxy`;
}

async function clusterInfo(factory: Factory): Promise<number> {
  const { io } = factory;
  const { server } = await factory.config();
  const path = `/api/v1/namespaces/${encodeURIComponent(factory.askedNamespace ?? 'kube-system')}/services`;
  const list = (await fetchPages(await factory.client(), { path, accept: 'application/json', query: { labelSelector: 'kubernetes.io/cluster-service=true' } })) as AnyObject;
  io.out(`Kubernetes control plane is running at ${server}\n`);
  for (const service of (list.items ?? []) as unknown as Service[]) {
    const name = service.metadata.labels?.['kubernetes.io/name'] || service.metadata.name;
    io.out(`${name} is running at ${linkOf(service, server)}\n`);
  }
  io.out("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n");
  return 0;
}

export const verb: Verb = {
  run: clusterInfo,
  verbs: { dump: { summary: 'Print what is needed to find out what is wrong', load: async () => (await import('./cluster-info/dump.ts')).verb } },
};
