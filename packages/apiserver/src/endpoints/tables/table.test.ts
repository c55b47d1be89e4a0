import { describe, expect, it } from 'vitest';
import type {
  ConfigMap, EndpointSlice, Event, EventsEvent, KubeObject, Lease, Namespace, Node, Pod, PodDisruptionBudget, PodTemplate, PriorityClass, RuntimeClass, Secret, Service, ServiceAccount,
} from '@podling/shared/api';
import { kinds } from '@podling/shared/scheme';
import { tableOf } from './table.ts';

const metadata = { name: 'x', creationTimestamp: '2026-01-01T00:00:00Z' };
const nowMs = Date.parse('2026-01-01T00:05:00Z');
const age = ['Age string'];
const name = ['Name string name'];

function table(apiVersion: string, kind: string, object: KubeObject) {
  const info = kinds.find((one) => one.kind === kind && (one.group === '' ? one.version : `${one.group}/${one.version}`) === apiVersion);
  if (!info) throw new Error(`no ${kind} in ${apiVersion}`);
  const { columnDefinitions, rows } = tableOf(info, [object], { metadata: {}, query: new URLSearchParams(), nowMs });
  const columns = columnDefinitions.map(({ name: title, type, format, priority }) => `${title} ${type}${format ? ` ${format}` : ''}${priority ? ' wide' : ''}`);
  return { columns, cells: rows[0]?.cells };
}

const cellsOf = (apiVersion: string, kind: string, object: KubeObject): unknown[] | undefined => table(apiVersion, kind, object).cells;

/** As a kube-apiserver shows the same objects. */
const golden: { apiVersion: string; kind: string; object: KubeObject & Record<string, unknown>; columns: string[]; cells: unknown[] }[] = [
  {
    apiVersion: 'v1', kind: 'Pod',
    object: { metadata, spec: { nodeName: 'n', containers: [{ name: 'a' }], readinessGates: [{ conditionType: 'g' }] }, status: { phase: 'Pending', podIPs: [{ ip: '10.0.0.1' }], nominatedNodeName: 'm' } } satisfies Pod,
    columns: [...name, 'Ready string', 'Status string', 'Restarts string', ...age, 'IP string wide', 'Node string wide', 'Nominated Node string wide', 'Readiness Gates string wide'],
    cells: ['x', '0/1', 'Pending', '0', '5m', '10.0.0.1', 'n', 'm', '0/1'],
  },
  {
    apiVersion: 'v1', kind: 'Node',
    object: {
      metadata: { ...metadata, labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/': '', 'kubernetes.io/role': 'control-plane' } }, spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        nodeInfo: {
          kubeletVersion: 'v1.36.0', osImage: 'Linux', kernelVersion: '6.1', architecture: 'amd64', containerRuntimeVersion: 'containerd://2', machineID: '', systemUUID: '', bootID: '', kubeProxyVersion: '',
          operatingSystem: 'linux',
        },
      },
    } satisfies Node,
    columns: [
      ...name, 'Status string', 'Roles string', ...age, 'Version string', 'Internal-IP string wide', 'External-IP string wide', 'OS-Image string wide', 'Kernel-Version string wide',
      'Container-Runtime string wide',
    ],
    cells: ['x', 'Ready,SchedulingDisabled', 'control-plane,worker', '5m', 'v1.36.0', '10.0.0.1', '<none>', 'Linux', '6.1 (amd64)', 'containerd://2'],
  },
  {
    apiVersion: 'v1', kind: 'Namespace', object: { metadata, status: { phase: 'Terminating' } } satisfies Namespace,
    columns: [...name, 'Status string', ...age], cells: ['x', 'Terminating', '5m'],
  },
  {
    apiVersion: 'v1', kind: 'Event',
    object: {
      metadata, involvedObject: { kind: 'Pod', name: 'p', fieldPath: 'spec.containers{a}' }, reason: 'BackOff', message: ' again\n', type: 'Warning', count: 4,
      firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:04:00Z', source: { component: 'kubelet', host: 'n' },
    } satisfies Event,
    columns: [
      'Last Seen string', 'Type string', 'Reason string', 'Object string', 'Subobject string wide', 'Source string wide', 'Message string', 'First Seen string wide', 'Count string wide',
      'Name string name wide',
    ],
    cells: ['60s', 'Warning', 'BackOff', 'pod/p', 'spec.containers{a}', 'kubelet, n', 'again', '5m', 4, 'x'],
  },
  {
    apiVersion: 'events.k8s.io/v1', kind: 'Event',
    object: {
      metadata, regarding: { kind: 'Node' }, reason: 'R', note: 'm', type: 'Normal', eventTime: '2026-01-01T00:00:00.000000Z', reportingController: 'c', reportingInstance: 'i',
      series: { count: 3, lastObservedTime: '2026-01-01T00:04:00.000000Z' },
    } satisfies EventsEvent,
    columns: [
      'Last Seen string', 'Type string', 'Reason string', 'Object string', 'Subobject string wide', 'Source string wide', 'Message string', 'First Seen string wide', 'Count string wide',
      'Name string name wide',
    ],
    cells: ['60s', 'Normal', 'R', 'node', '', 'c, i', 'm', '5m', 3, 'x'],
  },
  {
    apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', object: { metadata, spec: { holderIdentity: 'me' } } satisfies Lease,
    columns: [...name, 'Holder string', ...age], cells: ['x', 'me', '5m'],
  },
  {
    apiVersion: 'v1', kind: 'ConfigMap', object: { metadata, data: { a: '' }, binaryData: { b: '' } } satisfies ConfigMap,
    columns: [...name, 'Data string', ...age], cells: ['x', 2, '5m'],
  },
  {
    apiVersion: 'v1', kind: 'Secret', object: { metadata, type: 'Opaque', data: { a: '' } } satisfies Secret,
    columns: [...name, 'Type string', 'Data string', ...age], cells: ['x', 'Opaque', 1, '5m'],
  },
  { apiVersion: 'v1', kind: 'ServiceAccount', object: { metadata, secrets: [{ name: 's' }] } satisfies ServiceAccount, columns: [...name, ...age], cells: ['x', '5m'] },
  {
    apiVersion: 'v1', kind: 'Service',
    object: { metadata, spec: { type: 'NodePort', clusterIPs: ['10.96.0.9'], ports: [{ port: 80, nodePort: 30_080, protocol: 'TCP' }, { port: 53, protocol: 'UDP' }], selector: { b: '2', a: '1' } } } satisfies Service,
    columns: [...name, 'Type string', 'Cluster-IP string', 'External-IP string', 'Port(s) string', ...age, 'Selector string wide'],
    cells: ['x', 'NodePort', '10.96.0.9', '<none>', '80:30080/TCP,53/UDP', '5m', 'a=1,b=2'],
  },
  {
    apiVersion: 'v1', kind: 'PodTemplate',
    object: { metadata, template: { metadata: { labels: { b: '2', a: '1' } }, spec: { containers: [{ name: 'a', image: 'x:1' }, { name: 'b', image: 'y:1' }] } } } satisfies PodTemplate,
    columns: [...name, 'Containers string', 'Images string', 'Pod Labels string'], cells: ['x', 'a,b', 'x:1,y:1', 'a=1,b=2'],
  },
  {
    apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', object: { metadata, value: 7, preemptionPolicy: 'Never' } satisfies PriorityClass,
    columns: [...name, 'Value integer', 'Global-Default boolean', ...age, 'PreemptionPolicy string'], cells: ['x', 7, false, '5m', 'Never'],
  },
  {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
    object: {
      metadata, addressType: 'IPv4', ports: [{ name: 'http', port: 80 }, { name: 'any' }], endpoints: [{ addresses: ['10.0.0.1', '10.0.0.2'] }, { addresses: ['10.0.0.3', '10.0.0.4'] }],
    } satisfies EndpointSlice,
    columns: [...name, 'AddressType string', 'Ports string', 'Endpoints string', ...age],
    cells: ['x', 'IPv4', '80,any', '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...', '5m'],
  },
  {
    apiVersion: 'policy/v1', kind: 'PodDisruptionBudget',
    object: {
      metadata, spec: { maxUnavailable: '50%' }, status: { disruptionsAllowed: 2, currentHealthy: 4, desiredHealthy: 2, expectedPods: 4 },
    } satisfies PodDisruptionBudget,
    columns: [...name, 'Min Available string', 'Max Unavailable string', 'Allowed Disruptions integer', ...age], cells: ['x', 'N/A', '50%', 2, '5m'],
  },
  {
    apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', object: { metadata, handler: 'kata' } satisfies RuntimeClass,
    columns: [...name, 'Handler string', ...age], cells: ['x', 'kata', '5m'],
  },
];

describe('tables', () => {
  it.each(golden)('show a $kind of $apiVersion', ({ apiVersion, kind, object, columns, cells }) => {
    expect(table(apiVersion, kind, object)).toEqual({ columns, cells });
  });

  it.each<[string, Node['status'], string]>([
    ['NotReady', { conditions: [{ type: 'Ready', status: 'False' }] }, '<none>'], ['NotReady', { conditions: [{ type: 'Ready', status: 'Unknown' }] }, '<none>'], ['Unknown', {}, '<none>'],
  ])('call a node %s', (text, status, roles) => {
    expect(cellsOf('v1', 'Node', { metadata, status } as Node)?.slice(1, 3)).toEqual([text, roles]);
  });

  it.each<[string, Service]>([
    ['<none>', { metadata, spec: { type: 'ClusterIP' } }],
    ['192.0.2.1,192.0.2.2', { metadata, spec: { type: 'ClusterIP', externalIPs: ['192.0.2.1', '192.0.2.2'] } }],
    ['example.com', { metadata, spec: { type: 'ExternalName', externalName: 'example.com' } }],
    ['<pending>', { metadata, spec: { type: 'LoadBalancer' } }],
    ['a.example.com,192.0.2.9', { metadata, spec: { type: 'LoadBalancer', externalIPs: ['192.0.2.9'] }, status: { loadBalancer: { ingress: [{ hostname: 'a.example.com' }] } } }],
  ])('reach a service at %s', (text, service) => {
    expect(cellsOf('v1', 'Service', service)?.[3]).toBe(text);
  });

  it('say <unknown> for a time that is missing, and <none> for what is empty', () => {
    expect(cellsOf('v1', 'Event', { metadata, involvedObject: {} } as Event)).toEqual(['<unknown>', '', '', '', '', '', '', '<unknown>', 1, 'x']);
    expect(cellsOf('v1', 'PodTemplate', { metadata })).toEqual(['x', '', '', '<none>']);
    expect(cellsOf('v1', 'Service', { metadata })).toEqual(['x', '', '<none>', '<none>', '<none>', '5m', '<none>']);
  });
});
