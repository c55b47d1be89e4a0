import type { Container, ContainerPort, ContainerState, ContainerStatus, EnvVar, Pod, Probe } from '@podling/shared/api';
import { field, longTime, section } from './description.ts';
import type { Entry } from './description.ts';

/** Of any sort: ephemeral ones have less. */
export type DescribedContainer = Container | NonNullable<Pod['spec']['ephemeralContainers']>[number];

function terminated(label: string, state: NonNullable<ContainerState['terminated']>): Entry {
  const children = [field('Reason', state.reason)];
  if (state.message !== undefined && state.message !== '') children.push(field('Message', state.message));
  children.push(field('Exit Code', state.exitCode));
  if (state.signal !== undefined && state.signal > 0) children.push(field('Signal', state.signal));
  children.push(field('Started', longTime(state.startedAt)), field('Finished', longTime(state.finishedAt)));
  return { label, value: 'Terminated', children };
}

function stateEntry(label: string, state: ContainerState | undefined): Entry {
  if (state?.running !== undefined) return { label, value: 'Running', children: [field('Started', longTime(state.running.startedAt))] };
  if (state?.terminated !== undefined) return terminated(label, state.terminated);
  const { reason, message } = state?.waiting ?? {};
  const children = [
    ...(reason === undefined || reason === '' ? [] : [field('Reason', reason)]),
    ...(message === undefined || message === '' ? [] : [field('Message', message)]),
  ];
  return { label, value: 'Waiting', children };
}

function isKnown(state: ContainerState | undefined): boolean {
  return state !== undefined && Object.keys(state).length > 0;
}

function statusEntries(status: ContainerStatus | undefined): Entry[] {
  if (status === undefined) return [];
  return [
    stateEntry('State', status.state),
    ...(isKnown(status.lastState) ? [stateEntry('Last State', status.lastState)] : []),
    field('Ready', status.ready ? 'True' : 'False'),
    field('Restart Count', status.restartCount),
  ];
}

function envValue({ value, valueFrom }: EnvVar): string {
  if (valueFrom?.fieldRef !== undefined) return `(${valueFrom.fieldRef.apiVersion ?? 'v1'}:${valueFrom.fieldRef.fieldPath})`;
  if (valueFrom?.resourceFieldRef !== undefined) return `(${valueFrom.resourceFieldRef.resource})`;
  if (valueFrom?.configMapKeyRef !== undefined) return `<set to the key '${valueFrom.configMapKeyRef.key}' of config map '${valueFrom.configMapKeyRef.name}'>`;
  if (valueFrom?.secretKeyRef !== undefined) return `<set to the key '${valueFrom.secretKeyRef.key}' in secret '${valueFrom.secretKeyRef.name}'>`;
  return value ?? '';
}

function probeAction(probe: Probe): string {
  if (probe.exec !== undefined) return `exec [${(probe.exec.command ?? []).join(' ')}]`;
  if (probe.httpGet !== undefined) return `http-get ${(probe.httpGet.scheme ?? 'http').toLowerCase()}://${probe.httpGet.host ?? ''}:${probe.httpGet.port}${probe.httpGet.path ?? ''}`;
  if (probe.tcpSocket !== undefined) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port}`;
  return probe.grpc === undefined ? 'unknown' : `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''}`.trimEnd();
}

function probeEntry(label: string, probe: Probe | undefined): Entry[] {
  if (probe === undefined) return [];
  const { initialDelaySeconds = 0, timeoutSeconds = 1, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = probe;
  const timing = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`;
  return [field(label, `${probeAction(probe)} ${timing}`)];
}

function resourceEntry(label: string, amounts: Record<string, string | number> | undefined): Entry[] {
  const pairs = Object.entries(amounts ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? [] : [{ label, children: pairs.map(([name, amount]) => field(name, amount)) }];
}

/** Of the object and prefix that each variable of several comes from. */
function envFromEntry({ envFrom = [] }: DescribedContainer): Entry[] {
  const rows = envFrom.map(({ prefix = '', configMapRef, secretRef }) => {
    const { name = '', optional = false } = configMapRef ?? secretRef ?? {};
    const kind = configMapRef ? 'ConfigMap' : 'Secret';
    return [name, prefix === '' ? kind : `${kind} with prefix '${prefix}'`, `Optional: ${optional}`];
  });
  return rows.length === 0 ? [] : [{ label: 'Environment Variables from', table: rows }];
}

function mountEntry({ volumeMounts }: DescribedContainer): Entry {
  const mounts = (volumeMounts ?? []).toSorted((a, b) => (a.mountPath < b.mountPath ? -1 : 1));
  const items = mounts.map((m) => {
    const flags = [m.readOnly === true ? 'ro' : 'rw', ...(m.subPath === undefined || m.subPath === '' ? [] : [`path="${m.subPath}"`])];
    return `${m.mountPath} from ${m.name} (${flags.join(',')})`;
  });
  return items.length === 0 ? { label: 'Mounts', value: '<none>' } : { label: 'Mounts', items };
}

function ports({ ports: list }: DescribedContainer): Entry[] {
  if (list === undefined || list.length === 0) return [field('Port', undefined), field('Host Port', undefined)];
  const shown = (number: (p: ContainerPort) => number): string => list.map((p) => `${number(p)}/${p.protocol ?? 'TCP'}`).join(', ');
  const plural = list.length > 1 ? 's' : '';
  return [field(`Port${plural}`, shown((p) => p.containerPort)), field(`Host Port${plural}`, shown((p) => p.hostPort ?? 0))];
}

function words(label: string, list: readonly string[] | undefined): Entry[] {
  return list === undefined || list.length === 0 ? [] : [{ label, items: list.flatMap((word) => word.replace(/\n$/, '').split('\n')) }];
}

/** One container of a pod: what was asked for and what became of it. */
export function containerEntry(container: DescribedContainer, status: ContainerStatus | undefined): Entry {
  return {
    label: container.name,
    children: [
      ...(status === undefined ? [] : [{ label: 'Container ID', value: status.containerID ?? '' }]),
      field('Image', container.image),
      ...(status === undefined ? [] : [{ label: 'Image ID', value: status.imageID }]),
      ...ports(container),
      ...words('Command', container.command),
      ...words('Args', container.args),
      ...statusEntries(status),
      ...resourceEntry('Limits', container.resources?.limits),
      ...resourceEntry('Requests', container.resources?.requests),
      ...probeEntry('Liveness', container.livenessProbe),
      ...probeEntry('Readiness', container.readinessProbe),
      ...probeEntry('Startup', container.startupProbe),
      ...envFromEntry(container),
      section('Environment', (container.env ?? []).map((e) => ({ label: e.name, value: envValue(e) }))),
      mountEntry(container),
    ],
  };
}
