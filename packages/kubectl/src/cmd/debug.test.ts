import type { RequestOptions } from '@podling/shared/client';
import { describe, expect, it } from 'vitest';
import { FakeApi } from '../testing/fake-api.ts';
import { kubectl } from '../testing/run.ts';

const PODS = '/api/v1/namespaces/default/pods';
const probe = { tcpSocket: { port: 1 } };
const pod = {
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' }, annotations: { a: 'b' }, uid: 'u' },
  spec: { nodeName: 'n', containers: [{ name: 'main', image: 'old', args: ['x'], livenessProbe: probe, readinessProbe: probe }], initContainers: [{ name: 'init', image: 'i' }], ephemeralContainers: [{ name: 'e' }] },
};

const server = () =>
  new FakeApi()
    .on(`GET ${PODS}/web`, pod)
    .on('GET /api/v1/nodes/node-1', { kind: 'Node', metadata: { name: 'node-1' } })
    .on(`PATCH ${PODS}/web/ephemeralcontainers`, pod)
    .on(`DELETE ${PODS}/web`, pod)
    .on(`POST ${PODS}`, ({ body }: { body: object }) => body);

async function sent(line: string, method: string): Promise<unknown> {
  const api = server();
  const { exitCode, stderr } = await kubectl(api, line);
  expect([exitCode, stderr]).toEqual([0, '']);
  return api.sent(method)[0]?.body;
}

describe('kubectl debug', () => {
  it('adds a container to the pod', async () => {
    expect(await sent('debug web --image=busybox --target=main -c look --env=A=b -- sh -c x', 'PATCH')).toEqual({
      spec: {
        ephemeralContainers: [{
          name: 'look', image: 'busybox', command: ['sh', '-c', 'x'], env: [{ name: 'A', value: 'b' }], terminationMessagePolicy: 'File',
          targetContainerName: 'main', securityContext: { capabilities: { add: ['SYS_PTRACE'] } },
        }],
      },
    });
  });

  it('names the container itself, and says so', async () => {
    const { stdout } = await kubectl(server(), 'debug web --image=busybox');
    expect(stdout).toMatch(/^Defaulting debug container name to debugger-[a-z0-9]{5}\.\n$/);
  });

  it('copies the pod without what ties it to its place', async () => {
    const copy = await sent('debug web --copy-to=web2 --image=busybox -c look', 'POST');
    expect(copy).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web2', namespace: 'default' },
      spec: {
        shareProcessNamespace: true,
        initContainers: [{ name: 'init', image: 'i' }],
        containers: [
          { name: 'main', image: 'old', args: ['x'] },
          { name: 'look', image: 'busybox', terminationMessagePolicy: 'File', securityContext: { capabilities: { add: ['SYS_PTRACE'] } } },
        ],
      },
    });
  });

  it('changes a container of the copy', async () => {
    const line = 'debug web --copy-to=web2 -c main --set-image=*=new --same-node --keep-labels --keep-liveness --no-keep-init-containers --share-processes=false -q -- sh';
    expect(await sent(line, 'POST')).toMatchObject({
      metadata: { labels: { app: 'web' } },
      spec: { nodeName: 'n', shareProcessNamespace: false, containers: [{ name: 'main', image: 'new', command: ['sh'], livenessProbe: probe }] },
    });
  });

  it('puts a copy in place of the pod', async () => {
    expect(await sent('debug web --copy-to=web2 --set-image=main=new --replace', 'DELETE')).toMatchObject({ gracePeriodSeconds: 0 });
  });

  it('keeps all but labels with the profile of old, and says that it goes', async () => {
    const api = server();
    const { stderr } = await kubectl(api, 'debug web --copy-to=web2 --image=busybox -c look --profile=legacy');
    expect(stderr).toBe('--profile=legacy is deprecated and planned to be removed in v1.39. It is recommended to specify other profile, for example "--profile=general".\n');
    const [request] = api.sent('POST');
    const { metadata, spec } = (request as RequestOptions).body as { metadata: object; spec: { containers: object[] } };
    expect(metadata).not.toHaveProperty('labels');
    expect(spec.containers).toEqual([expect.objectContaining({ name: 'main', livenessProbe: probe }), { name: 'look', image: 'busybox', terminationMessagePolicy: 'File' }]);
  });

  it('looks at a node from a pod in its namespaces', async () => {
    expect(await sent('debug node/node-1 --image=busybox -q', 'POST')).toMatchObject({
      metadata: { name: expect.stringMatching(/^node-debugger-node-1-[a-z0-9]{5}$/), labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' } },
      spec: {
        nodeName: 'node-1', hostNetwork: true, hostPID: true, hostIPC: true, restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }],
        containers: [{ name: 'debugger', volumeMounts: [{ name: 'host-root', mountPath: '/host' }] }],
      },
    });
  });

  it.each([
    ['baseline', undefined],
    ['netadmin', { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } }],
    ['sysadmin', { privileged: true }],
    ['restricted', { runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } }],
  ])('gives the container what the profile %s has', async (profile, securityContext) => {
    const { spec } = (await sent(`debug web --image=busybox -q --profile=${profile}`, 'PATCH')) as { spec: { ephemeralContainers: { securityContext?: object }[] } };
    expect(spec.ephemeralContainers[0]?.securityContext).toEqual(securityContext);
  });

  it.each([
    ['debug web', 'you must specify --image when not using --copy-to.'],
    ['debug --image=x', 'NAME or filename is required for debug'],
    ['debug web --image=x --profile=none', 'unknown profile: none'],
    ['debug web --image=x --replace', '--replace may only be used with --copy-to.'],
    ['debug web --copy-to=y', 'you must specify --image, --set-image or command arguments.'],
    ['debug web --copy-to=y --image=x --target=main', '--target is incompatible with --copy-to. Use --share-processes instead.'],
    ['debug web --image=x -t', '-i/--stdin is required for containers with -t/--tty=true'],
    ['debug ns/default --image=x', 'Kind=Namespace" not supported by debug'],
  ])('%s fails with a reason', async (line, message) => {
    const { exitCode, stderr } = await kubectl(server().on('GET /api/v1/namespaces/default', { kind: 'Namespace', metadata: { name: 'default' } }), line);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});
