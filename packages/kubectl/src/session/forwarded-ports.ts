import type { Pod, Service } from '@podling/shared/api';
import { portNumber, splitPorts } from '@podling/shared/terminal';
import type { ForwardedPort } from '@podling/shared/terminal';
import { CommandError } from '../errors.ts';

interface ServicePort {
  name?: string;
  port: number;
  protocol?: string;
  targetPort?: number | string;
}

/** `5000`, `8888:5000`, `:5000`; by number, or by the name that the pod's containers or the service give. */
export function forwardedPorts(words: readonly string[], pod: Pod, service: Service | undefined): ForwardedPort[] {
  return words.map((word) => {
    const [local, remote] = splitPorts(word);
    const target = service === undefined ? podPort(pod, remote) : servicePort(service, pod, remote);
    return { local: local === remote && !/^\d+$/.test(remote) ? target.asked : portNumber('local', local), remote: portNumber('remote', String(target.number)) };
  });
}

/** `asked`: what `remote` means where it was typed; `number`: in the pod. */
function podPort(pod: Pod, remote: string): { asked: number; number: number } {
  const all = pod.spec.containers.flatMap(({ ports = [] }) => ports.map(({ name, containerPort, protocol }) => ({ name, number: containerPort, protocol })));
  const number = /^\d+$/.test(remote) ? Number(remote) : all.find(({ name }) => name === remote)?.number;
  if (number === undefined) throw new CommandError(`Pod '${pod.metadata.name}' does not have a named port '${remote}'`);
  refuseUdp(all, number, remote);
  return { asked: number, number };
}

function servicePort({ metadata, spec }: Service, pod: Pod, remote: string): { asked: number; number: number } {
  const ports = (spec?.ports ?? []) as ServicePort[];
  const asked = /^\d+$/.test(remote) ? Number(remote) : ports.find(({ name }) => name === remote)?.port;
  if (asked === undefined) throw new CommandError(`Service '${metadata.name}' does not have a named port '${remote}'`);
  refuseUdp(ports.map(({ port, protocol }) => ({ number: port, protocol })), asked, remote);
  const found = ports.find(({ port }) => port === asked);
  if (found === undefined) throw new CommandError(`Service ${metadata.name} does not have a service port ${asked}`);
  if (spec?.clusterIP === 'None') return { asked, number: asked };
  const { targetPort = asked } = found;
  return { asked, number: podPort(pod, String(targetPort === 0 ? asked : targetPort)).number };
}

function refuseUdp(ports: readonly { number: number; protocol?: string | undefined }[], number: number, remote: string): void {
  const same = ports.filter((port) => port.number === number);
  if (same.some(({ protocol }) => protocol === 'UDP') && same.every(({ protocol = 'TCP' }) => protocol !== 'TCP')) throw new CommandError(`UDP protocol is not supported for ${remote}`);
}
