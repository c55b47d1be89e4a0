import { newForbidden } from '@podling/shared/errors';
import type { ApiStatusError } from '@podling/shared/errors';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { FakeIo } from '../testing/fake-io.ts';
import { kubectl } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';
const EVENTS = '/api/v1/namespaces/default/events';
const meta = (name: string, more: object = {}) => ({ name, namespace: 'default', uid: `uid-${name}`, creationTimestamp: '2024-01-01T00:00:00Z', ...more });

const container = {
  name: 'web',
  image: 'podling.local/toolbox:1',
  command: ['sh', '-c'],
  args: ['echo one\necho two'],
  ports: [{ containerPort: 8080 }],
  resources: { limits: { memory: '64Mi' }, requests: { cpu: '50m' } },
  env: [{ name: 'A', value: 'b' }, { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
  volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
};

const running = {
  metadata: meta('web', { labels: { app: 'web', tier: 'x' }, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }),
  spec: { nodeName: 'n1', nodeSelector: { disk: 'ssd' }, containers: [container], volumes: [{ name: 'data', emptyDir: {} }], tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }] },
  status: {
    phase: 'Running',
    hostIP: '10.0.0.1',
    podIP: '10.244.0.2',
    podIPs: [{ ip: '10.244.0.2' }],
    startTime: '2024-01-01T00:00:00Z',
    qosClass: 'Burstable',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      {
        name: 'web',
        ready: true,
        restartCount: 1,
        image: 'x',
        imageID: 'sha256:1',
        containerID: 'containerd://abc',
        state: { running: { startedAt: '2024-01-01T00:00:05Z' } },
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: '2024-01-01T00:00:00Z', finishedAt: '2024-01-01T00:00:04Z' } },
      },
    ],
  },
};

const event = (reason: string, lastTimestamp: string, more: object = {}) => ({
  metadata: meta(`web.${reason}`),
  involvedObject: {},
  type: 'Normal',
  reason,
  message: `${reason} happened`,
  source: { component: 'default-scheduler' },
  firstTimestamp: '2024-01-01T00:00:00Z',
  lastTimestamp,
  ...more,
});

const EXPECTED = `Name:            web
Namespace:       default
Node:            n1/10.0.0.1
Start Time:      Mon, 01 Jan 2024 00:00:00 +0000
Labels:          app=web
                 tier=x
Annotations:     <none>
Status:          Running
IP:              10.244.0.2
IPs:
  IP:  10.244.0.2
Containers:
  web:
    Container ID:   containerd://abc
    Image:          podling.local/toolbox:1
    Image ID:       sha256:1
    Port:           8080/TCP
    Host Port:      0/TCP
    Command:
      sh
      -c
    Args:
      echo one
      echo two
    State:          Running
      Started:  Mon, 01 Jan 2024 00:00:05 +0000
    Last State:     Terminated
      Reason:     OOMKilled
      Exit Code:  137
      Started:    Mon, 01 Jan 2024 00:00:00 +0000
      Finished:   Mon, 01 Jan 2024 00:00:04 +0000
    Ready:          True
    Restart Count:  1
    Limits:
      memory:  64Mi
    Requests:
      cpu:  50m
    Environment:
      A:     b
      NODE:  (v1:spec.nodeName)
    Mounts:
      /data from data (ro)
Conditions:
  Type   Status
  Ready  True
Volumes:
  data:
    Type:       EmptyDir (a temporary directory that shares a pod's lifetime)
    Medium:
    SizeLimit:  <unset>
QoS Class:       Burstable
Node-Selectors:  disk=ssd
Tolerations:     k:NoExecute op=Exists for 300s
Events:
  Type    Reason     Age               From               Message
  ----    ------     ---               ----               -------
  Normal  Scheduled  10m               default-scheduler  Scheduled happened
  Normal  BackOff    5s (x4 over 10m)  kubelet            BackOff happened
`;

function withPod(pod: object, events: object[] = []): FakeApi {
  return new FakeApi().on(`GET ${PODS}/web`, pod).on(`GET ${EVENTS}`, { metadata: {}, items: events });
}

describe('kubectl describe', () => {
  it('shows of a secret how long its values are', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' }, type: 'Opaque', data: { password: 'czNjcmV0', a: '' } };
    const api = new FakeApi()
      .on('GET /api/v1', { groupVersion: 'v1', resources: [{ name: 'secrets', singularName: 'secret', kind: 'Secret', namespaced: true }] })
      .on('GET /api/v1/namespaces/default/secrets/s', secret)
      .on('GET /api/v1/namespaces/default/events', { items: [] });
    const { stdout } = await kubectl(api, 'describe secret s');
    expect(stdout).toMatch(/^Name: +s\nNamespace: +default\nLabels: +<none>\nAnnotations: +<none>\n\nType: +Opaque\n\nData\n====\na: +0 bytes\npassword: +6 bytes\n$/);
  });

  it('shows a pod, where it was put, what became of it, and its events in order', async () => {
    const events = [
      event('BackOff', '2024-01-01T00:09:55Z', { count: 4, source: { component: 'kubelet', host: 'n1' } }),
      event('Scheduled', '2024-01-01T00:00:00Z'),
    ];
    const api = withPod(running, events);
    const { stdout, exitCode } = await kubectl(api, 'describe pod web');
    expect(exitCode).toBe(0);
    expect(stdout).toBe(EXPECTED);
    expect(api.requests.at(-1)?.query).toMatchObject({
      fieldSelector: 'involvedObject.kind=Pod,involvedObject.name=web,involvedObject.namespace=default,involvedObject.uid=uid-web',
    });
  });

  it('says why a pod waits', async () => {
    const waiting = {
      metadata: meta('web'),
      spec: { containers: [{ name: 'a', image: 'x' }] },
      status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/2 nodes are available: 2 Insufficient cpu.' }] },
    };
    const failed = event('FailedScheduling', '2024-01-01T00:09:00Z', { type: 'Warning', message: '0/2 nodes are available: 2 Insufficient cpu.' });
    const { stdout } = await kubectl(withPod(waiting, [failed]), 'describe pod web');
    expect(stdout).toMatch(/^Node: +<none>$/m);
    expect(stdout).toMatch(/PodScheduled +False +Unschedulable +0\/2 nodes are available/);
    expect(stdout).toMatch(/Warning +FailedScheduling +60s +default-scheduler +0\/2 nodes are available: 2 Insufficient cpu\./);
  });

  it('shows how long a pod has been going', async () => {
    const going = { ...running, metadata: meta('web', { deletionTimestamp: '2024-01-01T00:09:30Z', deletionGracePeriodSeconds: 30 }) };
    const { stdout } = await kubectl(withPod(going), 'describe pod web');
    expect(stdout).toMatch(/^Status: +Terminating \(lasts 30s\)$/m);
    expect(stdout).toMatch(/^Termination Grace Period: +30s$/m);
  });

  it('shows a node with what its pods hold of it', async () => {
    const node = {
      metadata: { name: 'n1', uid: 'u', labels: { 'node-role.kubernetes.io/control-plane': '' } },
      spec: { podCIDR: '10.244.0.0/24', taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
      status: { allocatable: { cpu: '2', memory: '128Mi' }, conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'cni' }], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
    };
    const done = { ...running, metadata: meta('done'), status: { phase: 'Succeeded' } };
    const api = new FakeApi()
      .on('GET /api/v1/nodes/n1', node)
      .on('GET /api/v1/events', { metadata: {}, items: [] })
      .on('GET /api/v1/pods', { metadata: {}, items: [running, done] })
      .on('GET /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1', { spec: { holderIdentity: 'n1', renewTime: '2024-01-01T00:09:55.000000Z' } });
    const { stdout } = await kubectl(api, 'describe node n1');
    expect(stdout).toMatch(/^Roles: +control-plane$/m);
    expect(stdout).toMatch(/^Taints: +node\.kubernetes\.io\/not-ready:NoSchedule$/m);
    expect(stdout).toMatch(/RenewTime: +Mon, 01 Jan 2024 00:09:55 \+0000/);
    expect(stdout).toMatch(/Ready +False .*KubeletNotReady +cni/);
    expect(stdout).toContain('(1 in total)');
    expect(stdout).toMatch(/default +web +50m \(2%\) +0 \(0%\) +0 \(0%\) +64Mi \(50%\) +10m/);
    expect(stdout).toMatch(/cpu +50m \(2%\) +0 \(0%\)\n/);
  });

  it('shows any other object by its fields', async () => {
    const lease = { metadata: meta('l'), spec: { holderIdentity: 'n1', leaseDurationSeconds: 40 } };
    const api = new FakeApi()
      .on('GET /apis/coordination.k8s.io/v1/namespaces/default/leases/l', lease)
      .on(`GET ${EVENTS}`, { metadata: {}, items: [] });
    const { stdout } = await kubectl(api, 'describe lease l');
    expect(stdout).toMatch(/^API Version: +coordination\.k8s\.io\/v1$/m);
    expect(stdout).toContain('Spec:\n  Holder Identity:         n1\n  Lease Duration Seconds:  40\nEvents:              <none>\n');
  });

  it('shows where a pod comes from, what it was given, and who looked into it', async () => {
    const { metadata, spec, status } = running;
    const pod = {
      metadata: { ...metadata, ownerReferences: [{ kind: 'Node', name: 'n1', controller: true }] },
      spec: {
        ...spec,
        runtimeClassName: 'fast',
        containers: [{ ...container, envFrom: [{ prefix: 'A_', configMapRef: { name: 'cm' } }, { secretRef: { name: 'sec', optional: true } }] }],
        ephemeralContainers: [{ name: 'look', image: 'busybox' }],
        volumes: [
          { name: 'all', projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3607 } }, { configMap: { name: 'ca' } }, { downwardAPI: {} }] } },
          { name: 'down', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          { name: 'sec', secret: { secretName: 's', optional: true } },
        ],
      },
      status: { ...status, ephemeralContainerStatuses: [{ name: 'look', ready: false, restartCount: 0, image: 'x', imageID: '', state: { waiting: { reason: 'ErrImagePull' } } }] },
    };
    const { stdout } = await kubectl(withPod(pod), 'describe pod web');
    for (const text of [
      'Runtime Class Name:  fast\n',
      'Controlled By:       Node/n1\n',
      "    Environment Variables from:\n      cm   ConfigMap with prefix 'A_'  Optional: false\n      sec  Secret                      Optional: true\n",
      'Ephemeral Containers:\n  look:\n',
      '    Type:                    Projected (a volume that contains injected data from multiple sources)\n    TokenExpirationSeconds:  3607\n    ConfigMapName:           ca\n    Optional:                false\n    DownwardAPI:             true\n',
      '    Type:  DownwardAPI (a volume populated by information about the pod)\n    Items:\n      metadata.labels -> labels\n',
      '    SecretName:  s\n    Optional:    true\n',
    ]) expect(stdout).toContain(text);
    expect(stdout).toMatch(/^Ephemeral Containers:\n(.*\n)* +State: +Waiting\n +Reason: +ErrImagePull$/m);
  });

  it('says which part of an object an event is about', async () => {
    const event = { metadata: {}, involvedObject: { kind: 'Pod', name: 'web', fieldPath: 'spec.containers{web}' }, type: 'Normal', reason: 'Started', message: 'Container started' };
    const api = new FakeApi().on(`GET ${PODS}/web`, running).on(`GET ${EVENTS}`, { metadata: {}, items: [event] });
    expect((await kubectl(api, 'describe pod web')).stdout).toMatch(/Started +\S+ +spec\.containers\{web\}: Container started$/m);
  });

  it('shows where a service is reached and what is behind it', async () => {
    const service = {
      metadata: meta('front'),
      spec: {
        selector: { tier: 'x', app: 'web' }, type: 'NodePort', clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7'], ipFamilies: ['IPv4'], sessionAffinity: 'None', internalTrafficPolicy: 'Cluster',
        ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'web', nodePort: 30080 }, { name: 'other', port: 81, protocol: 'TCP', targetPort: 81 }],
      },
    };
    const endpoint = (address: string, ready?: boolean) => ({ addresses: [address], conditions: { ready } });
    const slice = { metadata: {}, ports: [{ name: 'http', port: 8080 }], endpoints: [endpoint('10.0.0.1'), endpoint('10.0.0.2', false), endpoint('10.0.0.3', true), endpoint('fd00::4'), endpoint('10.0.0.5')] };
    const api = new FakeApi()
      .on('GET /api/v1', { groupVersion: 'v1', resources: [{ name: 'services', kind: 'Service', namespaced: true }] })
      .on('GET /api/v1/namespaces/default/services/front', service)
      .on('GET /apis/discovery.k8s.io/v1/namespaces/default/endpointslices', { metadata: {}, items: [slice] })
      .on(`GET ${EVENTS}`, { metadata: {}, items: [] });
    expect((await kubectl(api, 'describe services front')).stdout.replaceAll(/: +/g, ': ')).toBe([
      'Name: front', 'Namespace: default', 'Labels: <none>', 'Annotations: <none>', 'Selector: app=web,tier=x', 'Type: NodePort', 'IP Families: IPv4', 'IP: 10.96.0.7', 'IPs: 10.96.0.7',
      'Port: http  80/TCP', 'TargetPort: web/TCP', 'NodePort: http  30080/TCP', 'Endpoints: 10.0.0.1:8080,10.0.0.3:8080,[fd00::4]:8080 + 1 more...',
      'Port: other  81/TCP', 'TargetPort: 81/TCP', 'Endpoints:', 'Session Affinity: None', 'Internal Traffic Policy: Cluster', 'Events: <none>', '',
    ].join('\n'));
    expect(api.requests.find(({ path }) => path.endsWith('endpointslices'))?.query).toMatchObject({ labelSelector: 'kubernetes.io/service-name=front' });
  });

  it('shows what a config map holds, and how long what is binary is', async () => {
    const path = '/api/v1/namespaces/default/configmaps/files';
    const api = new FakeApi()
      .on('GET /api/v1', { groupVersion: 'v1', resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }] })
      .on(`GET ${path}`, { metadata: meta('files'), data: { b: 'one\ntwo\u001b', a: 'x' }, binaryData: { bin: 'AAEC' } })
      .on(`GET ${EVENTS}`, { metadata: {}, items: [] });
    expect((await kubectl(api, 'describe configmaps files')).stdout).toBe(
      'Name:         files\nNamespace:    default\nLabels:       <none>\nAnnotations:  <none>\n\nData\n====\na:\n----\nx\n\nb:\n----\none\ntwo^[\n\n\nBinaryData\n====\nbin: 3 bytes\n\nEvents:  <none>\n',
    );
  });

  it('takes a prefix for the names that begin with it', async () => {
    const api = new FakeApi().on(`GET ${PODS}`, { metadata: {}, items: [running] }).on(`GET ${EVENTS}`, { metadata: {}, items: [] });
    expect((await kubectl(api, 'describe pod we')).stdout).toMatch(/^Name: +web$/m);
    expect(await kubectl(api, 'describe pod nope')).toMatchObject({ exitCode: 1, stderr: 'Error from server (NotFound): pods "nope" not found\n' });
  });

  it('describes what files name, and that alone', async () => {
    const io = new FakeIo();
    io.stdin = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: we}\n';
    const { exitCode, stdout, stderr } = await kubectl(withPod(running), 'describe -f -', io);
    expect([exitCode, stderr]).toEqual([1, 'Error from server (NotFound): pods "we" not found\n']);
    expect(stdout.match(/^Name: +web$/gm)).toHaveLength(1);
  });

  it('leaves the events out, and does not ask for them', async () => {
    const api = withPod(running);
    expect((await kubectl(api, 'describe pod web --show-events=false')).stdout).not.toContain('Events:');
    expect(api.requests.map(({ path }) => path)).not.toContain(EVENTS);
  });

  it('shows an object to whom what is told beside it is refused', async () => {
    const refusal = (resource: string): ApiStatusError => newForbidden({ group: '', resource }, '', 'not for you');
    const slices = 'GET /apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
    const api = new FakeApi()
      .on('GET /api/v1', { groupVersion: 'v1', resources: [{ name: 'services', kind: 'Service', namespaced: true }] })
      .on('GET /api/v1/namespaces/default/services/front', { metadata: meta('front'), spec: { ports: [{ port: 80 }] } })
      .on(slices, refusal('endpointslices'))
      .on(`GET ${EVENTS}`, refusal('events'));
    const { exitCode, stdout } = await kubectl(api, 'describe services front');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Endpoints: +<none>$[^]*^Events: +<none>$/m);
    const nodes = new FakeApi()
      .on('GET /api/v1/nodes/n1', { metadata: { name: 'n1', uid: 'u' } })
      .on('GET /api/v1/events', refusal('events'))
      .on('GET /api/v1/pods', refusal('pods'))
      .on('GET /apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1', refusal('leases'));
    expect((await kubectl(nodes, 'describe node n1')).stdout).toMatch(/^Pods: +not authorized$[^]*^Events: +<none>$/m);
    api.on(slices, new Error('the line is cut'));
    expect((await kubectl(api, 'describe services front')).exitCode).toBe(1);
  });

  it('lets no control character of an object reach the screen', async () => {
    const nasty = { ...running, metadata: meta('web', { annotations: { a: '\u001b[2J' } }) };
    // oxlint-disable-next-line no-control-regex
    expect((await kubectl(withPod(nasty), 'describe pod web')).stdout).not.toMatch(/\u001b/);
  });
});
