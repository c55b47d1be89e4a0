import { describe, expect, it } from 'vitest';
import type { PodTemplate, Status } from '@podling/shared/api';
import { useTestServer } from '../testing/test-server.ts';

const templates = '/api/v1/namespaces/default/podtemplates';

describe('pod templates', () => {
  const server = useTestServer();
  const containers = [{ name: 'main', image: 'x:1', resources: { limits: { cpu: '1' } } }];
  const create = (name: string, template: PodTemplate['template']) =>
    server.send<PodTemplate & Status>('POST', templates, { body: { metadata: { name }, template } });

  it('have the defaults of a pod spec, but not those of a pod', async () => {
    const { code, body } = await create('plain', { spec: { containers } });
    expect([code, body.metadata.generation, body.template?.metadata]).toEqual([201, 1, {}]);
    expect(body.template?.spec).toMatchObject({ restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', containers: [{ imagePullPolicy: 'IfNotPresent' }] });
    expect([body.template?.spec?.enableServiceLinks, body.template?.spec?.containers[0]?.resources?.requests]).toEqual([undefined, undefined]);
  });

  it('count their changes', async () => {
    const { body } = await create('counted', { spec: { containers } });
    const same = await server.send<PodTemplate>('PUT', `${templates}/counted`, { body: { ...body, metadata: { ...body.metadata, labels: { a: 'b' } } } });
    expect(same.body.metadata.generation).toBe(1);
    const changed = await server.send<PodTemplate>('PUT', `${templates}/counted`, { body: { ...same.body, template: { metadata: { labels: { a: 'b' } }, spec: { containers } } } });
    expect(changed.body.metadata.generation).toBe(2);
  });

  it.each<[string, PodTemplate['template'], string[]]>([
    ['nothing in them', {}, ['template.spec.containers']],
    ['a bad label', { metadata: { labels: { 'a b': '' } }, spec: { containers } }, ['template.labels']],
    ['a container without a name', { spec: { containers: [{ name: '', image: 'x' }] } }, ['template.spec.containers[0].name']],
  ])('are refused with %s', async (_what, template, fields) => {
    const { code, body } = await create('refused', template);
    expect([code, body.details?.causes?.map(({ field }) => field)]).toEqual([422, fields]);
  });
});
