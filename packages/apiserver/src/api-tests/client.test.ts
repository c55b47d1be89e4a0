import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isConflict, isNotFound } from '@podling/shared/api';
import type { Pod } from '@podling/shared/api';
import { createClient } from '@podling/shared/client';
import type { Client } from '@podling/shared/client';
import { createInformer } from '@podling/shared/informer';
import { podBody, useTestServer } from '../testing/test-server.ts';

/** The server as the other processes meet it: through their own client. */
describe('the shared client', () => {
  const server = useTestServer();
  let client: Client;

  beforeAll(() => {
    client = createClient({ server: server.url, namespace: 'default' });
  });
  afterAll(() => client.close());

  it('creates, binds, patches the status and deletes', async () => {
    const pods = client.pods('default');
    const { metadata } = await pods.create(podBody('life'));
    await client.bind('default', 'life', 'node-1', metadata.uid);
    await expect(client.bind('default', 'life', 'node-2')).rejects.toSatisfy(isConflict);
    const running = await pods.patchStatus('life', { status: { phase: 'Running' } });
    expect([running.spec.nodeName, running.status?.phase]).toEqual(['node-1', 'Running']);
    await pods.delete('life', { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid ?? '' } });
    await expect(pods.get('life')).rejects.toSatisfy(isNotFound);
  });

  it.each(['websocket', 'chunked'] as const)('watches over %s', async (transport) => {
    const watch = client.pods('default').watch({ fieldSelector: `metadata.name=seen-${transport}` }, transport);
    const events = watch[Symbol.asyncIterator]();
    await client.pods('default').create(podBody(`seen-${transport}`));
    expect((await events.next()).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: `seen-${transport}` } } });
    watch.close();
  });

  it('feeds an informer', async () => {
    const informer = createInformer<Pod>({ client: client.pods(), name: 'pods' });
    const known = new Set<string>();
    informer.addEventHandler({
      onAdd: ({ metadata }) => void known.add(metadata.name),
      onUpdate: () => undefined,
      onDelete: ({ metadata }) => void known.delete(metadata.name),
    });
    informer.start();
    await client.pods('default').create(podBody('informed'));
    await expect.poll(() => known.has('informed')).toBe(true);
    await client.pods('default').delete('informed');
    await expect.poll(() => known.has('informed')).toBe(false);
    await informer.stop();
  });
});
