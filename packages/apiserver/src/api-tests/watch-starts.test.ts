import { afterEach, describe, expect, it } from 'vitest';
import type { KubeList, Pod } from '@podling/shared/api';
import { pods, useTestServer } from '../testing/test-server.ts';
import { transports } from '../testing/open-watch.ts';
import type { OpenWatch, SeenEvent, Transport } from '../testing/open-watch.ts';

const initialEnd = { 'k8s.io/initial-events-end': 'true' };
const streamingList = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan';

describe.each(Object.keys(transports) as Transport[])('the start of a watch over %s', (transport) => {
  const server = useTestServer({ watchHistorySize: 16 });
  const open: OpenWatch[] = [];
  const watch = async (query: string, path = pods): Promise<OpenWatch> => {
    const opened = await transports[transport](`${server.url}${path}?watch=true&${query}`);
    open.push(opened);
    return opened;
  };
  const revision = async (): Promise<string> => (await server.send<KubeList<Pod>>('GET', pods)).body.metadata.resourceVersion ?? '';
  const fresh = async (name: string): Promise<string> => {
    await server.createPod(name);
    return `fieldSelector=metadata.name%3D${name}`;
  };

  afterEach(() => open.splice(0).forEach((each) => each.close()));

  it.each([['rv=""', 'allowWatchBookmarks=true'], ['rv=0', 'allowWatchBookmarks=true&resourceVersion=0'], ['a streaming list', `allowWatchBookmarks=true&${streamingList}`]])(
    'at %s shows what is there and says when that is all',
    async (_title, query) => {
      const only = await fresh(`${transport}-there-${query.length}`);
      await revision();
      const watching = await watch(`${query}&${only}`);
      expect((await watching.next())?.type).toBe('ADDED');
      expect(await watching.next()).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata: { annotations: initialEnd } } });
    },
  );

  it('without bookmarks shows none', async () => {
    const only = await fresh(`${transport}-plain`);
    const watching = await watch(`${streamingList}&timeoutSeconds=1&${only}`);
    expect([(await watching.next())?.type, await watching.next()]).toEqual(['ADDED', undefined]);
  });

  it('of a streaming list from a revision shows a state that is as new', async () => {
    const only = await fresh(`${transport}-new`);
    const watching = await watch(`${streamingList}&allowWatchBookmarks=true&resourceVersion=${await revision()}&${only}`);
    expect((await watching.next())?.type).toBe('ADDED');
    expect((await watching.next())?.object.metadata.annotations).toEqual(initialEnd);
  });

  it('with sendInitialEvents=false shows nothing of the past', async () => {
    await fresh(`${transport}-past`);
    const watching = await watch('sendInitialEvents=false&resourceVersionMatch=NotOlderThan');
    await revision();
    await fresh(`${transport}-next`);
    expect((await watching.next())?.object.metadata.name).toBe(`${transport}-next`);
  });

  it('at a revision nobody knows is refused with the Status of a timeout', async () => {
    const watching = await watch('resourceVersion=999999999');
    const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
    expect(await watching.next()).toMatchObject({ type: 'ERROR', object: { code: 504, reason: 'Timeout', details: { causes, retryAfterSeconds: 1 } } });
  });

  it('at a revision that is still in the ring survives a compaction, one before it is 410', async () => {
    const old = await revision();
    for (let count = 0; count < 20; count += 1) await server.createPod(`${transport}-ring-${count}`);
    const kept = await revision();
    await server.createPod(`${transport}-kept`);
    await server.compact();
    expect((await (await watch(`resourceVersion=${kept}`)).next())?.object.metadata.name).toBe(`${transport}-kept`);
    expect(await (await watch(`resourceVersion=${old}`)).next()).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });

  it('of a cluster-scoped resource below a namespace is 404', async () => {
    await expect(transports.websocket(`${server.url}/api/v1/namespaces/default/nodes?watch=true`)).rejects.toThrow('404');
    expect((await server.send('GET', '/api/v1/namespaces/default/nodes?watch=true')).code).toBe(404);
  });
});

describe('bookmarks', () => {
  const server = useTestServer();

  it('close a watch whose time is up, newer than what it was shown', async () => {
    const { body } = await server.send<KubeList<Pod>>('GET', pods);
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone&resourceVersion=${body.metadata.resourceVersion}`;
    const watching = await transports.chunked(`${server.url}${pods}?${query}`);
    const { metadata } = await server.createPod('other');
    const bookmark = await watching.next();
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: metadata.resourceVersion } } });
    expect(bookmark?.object.metadata.annotations).toBeUndefined();
    expect(await watching.next()).toBeUndefined();
  });

  it.each([
    ['Table', { kind: 'Table', rows: [{ object: { kind: 'PartialObjectMetadata', metadata: { annotations: initialEnd } } }] }],
    ['PartialObjectMetadata', { kind: 'PartialObjectMetadata', metadata: { annotations: initialEnd } }],
  ])('of the initial state come as %s too', async (as, object) => {
    const query = `${streamingList}&allowWatchBookmarks=true&timeoutSeconds=1&fieldSelector=metadata.name%3Dnone`;
    const response = await fetch(`${server.url}${pods}?watch=true&${query}`, { headers: { accept: `application/json;as=${as};v=v1;g=meta.k8s.io` } });
    const [first] = (await response.text()).split('\n').map((line): SeenEvent => JSON.parse(line || '{}') as SeenEvent);
    expect(first).toMatchObject({ type: 'BOOKMARK', object });
  });
});
