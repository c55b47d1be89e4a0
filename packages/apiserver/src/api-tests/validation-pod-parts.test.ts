import { describe, expect, it } from 'vitest';
import type { Pod, Status } from '@podling/shared/api';
import { pods, useTestServer } from '../testing/test-server.ts';

const server = useTestServer();
const fieldsOf = (body: Status) => body.details?.causes?.map(({ field }) => field);
const resources = { requests: { cpu: '100m' }, limits: { cpu: '200m' } };
const spec = { containers: [{ name: 'main', image: 'web:1', resources }] };

async function put(name: string, part: string, change: (pod: Pod) => Pod) {
  const { body } = await server.send<Pod>('GET', `${pods}/${name}`);
  return server.send<Pod & Status>('PUT', `${pods}/${name}/${part}`, { body: change(body) });
}

describe('pods/ephemeralcontainers', () => {
  it('adds containers and writes nothing else', async () => {
    await server.createPod('debugged');
    const { code, body } = await put('debugged', 'ephemeralcontainers', (pod) => ({
      ...pod, metadata: { ...pod.metadata, labels: { a: 'b' } }, spec: { ...pod.spec, nodeName: 'n', ephemeralContainers: [{ name: 'debug', image: 'tools:1' }] },
    }));
    expect(code).toBe(200);
    expect(body.spec.ephemeralContainers).toMatchObject([{ name: 'debug', image: 'tools:1', imagePullPolicy: 'IfNotPresent' }]);
    expect(body.spec.nodeName).toBeUndefined();
    expect(body.metadata).toMatchObject({ generation: 2 });
    expect(body.metadata.labels).toBeUndefined();
  });

  it('takes none away', async () => {
    const { code, body } = await put('debugged', 'ephemeralcontainers', (pod) => ({ ...pod, spec: { ...pod.spec, ephemeralContainers: [] } }));
    expect([code, fieldsOf(body)]).toEqual([422, ['spec.ephemeralContainers']]);
  });
});

describe('pods/resize', () => {
  it('changes amounts of containers and nothing else', async () => {
    await server.createPod('resized', { spec });
    const { code, body } = await put('resized', 'resize', (pod) => ({
      ...pod, spec: { ...pod.spec, containers: [{ name: 'main', image: 'other:1', resources: { ...resources, requests: { cpu: '150m' } } }] },
    }));
    expect(code).toBe(200);
    expect(body.spec.containers).toMatchObject([{ image: 'web:1', resources: { requests: { cpu: '150m' }, limits: { cpu: '200m' } } }]);
  });

  it('keeps the QoS class and every amount that was given', async () => {
    const { code, body } = await put('resized', 'resize', (pod) => ({ ...pod, spec: { ...pod.spec, containers: [{ name: 'main', image: 'web:1' }] } }));
    expect([code, fieldsOf(body)]).toEqual([422, ['spec', 'spec.containers[0].resources.requests', 'spec.containers[0].resources.limits']]);
  });
});

describe('warnings', () => {
  it('tell of a valid pod that is hardly meant', async () => {
    const env = [{ name: 'A', value: '1' }, { name: 'A', value: '2' }];
    const body = { metadata: { name: 'doubtful' }, spec: { containers: [{ name: 'main', image: 'web:1', env }] } };
    const { code, headers } = await server.send('POST', pods, { body });
    expect(code).toBe(201);
    expect(headers.get('warning')).toBe('299 - "spec.containers[0].env[1]: hides previous definition of \\"A\\", which may be dropped when using apply"');
  });
});
