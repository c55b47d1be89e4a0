import { afterEach, describe, expect, it } from 'vitest';
import type { KubeList, Pod } from '@podling/shared/api';
import { TestServer, podBody, pods, useTestServer } from '../testing/test-server.ts';
import { transports } from '../testing/open-watch.ts';
import type { OpenWatch, Transport } from '../testing/open-watch.ts';

const merge = 'application/merge-patch+json';

describe.each(Object.keys(transports) as Transport[])('watch over %s', (transport) => {
  const server = useTestServer();
  const open: OpenWatch[] = [];
  let number = 0;
  const freshName = (): string => `${transport}-${(number += 1)}`;

  const watch = async (query = '', path = pods): Promise<OpenWatch> => {
    const opened = await transports[transport](`${server.url}${path}?watch=true${query}`);
    open.push(opened);
    return opened;
  };
  const label = (name: string, labels: Record<string, string | null>) =>
    server.send<Pod>('PATCH', `${pods}/${name}`, { body: { metadata: { labels } }, contentType: merge });
  const revision = async (): Promise<string> => (await server.send<KubeList<Pod>>('GET', pods)).body.metadata.resourceVersion ?? '';
  const brief = async (watching: OpenWatch): Promise<string | undefined> => {
    const event = await watching.next();
    return event && `${event.type} ${event.object.metadata.name}`;
  };

  afterEach(() => {
    for (const opened of open.splice(0)) opened.close();
  });

  it('gives the present state first, then every change in order', async () => {
    const name = freshName();
    await server.createPod(name);
    const watching = await watch(`&fieldSelector=metadata.name%3D${name}`);
    expect(await brief(watching)).toBe(`ADDED ${name}`);
    await label(name, { a: '1' });
    await server.send('DELETE', `${pods}/${name}`);
    const modified = await watching.next();
    const deleted = await watching.next();
    expect([modified?.type, deleted?.type]).toEqual(['MODIFIED', 'DELETED']);
    expect(modified?.object).toMatchObject({ kind: 'Pod', apiVersion: 'v1', metadata: { labels: { a: '1' } } });
    expect(Number(deleted?.object.metadata.resourceVersion)).toBeGreaterThan(Number(modified?.object.metadata.resourceVersion));
  });

  it('resumes from a resourceVersion without loss or repetition', async () => {
    const from = await revision();
    const names = [freshName(), freshName(), freshName()];
    for (const name of names) await server.createPod(name);
    const watching = await watch(`&resourceVersion=${from}`);
    for (const name of names) expect(await brief(watching)).toBe(`ADDED ${name}`);
  });

  it('turns an update that stops matching into DELETED and one that starts into ADDED', async () => {
    const name = freshName();
    await server.createPod(name, { metadata: { name, labels: { on: transport } } });
    const watching = await watch(`&labelSelector=on%3D${transport}`);
    expect(await brief(watching)).toBe(`ADDED ${name}`);
    const { body: off } = await label(name, { on: null });
    const gone = await watching.next();
    expect(gone).toMatchObject({ type: 'DELETED', object: { metadata: { labels: { on: transport }, resourceVersion: off.metadata.resourceVersion } } });
    await label(name, { other: 'x' });
    await label(name, { on: transport });
    expect(await brief(watching)).toBe(`ADDED ${name}`);
  });

  it('[M1] shows a kubelet its own pods from the moment they are bound', async () => {
    const name = freshName();
    const watching = await watch(`&fieldSelector=spec.nodeName%3Dnode-${name}&resourceVersion=${await revision()}`, '/api/v1/pods');
    await server.createPod(name);
    await server.bindPod(name, `node-${name}`);
    expect(await brief(watching)).toBe(`ADDED ${name}`);
  });

  it('ends a watch that starts at a revision nobody knows with an ERROR', async () => {
    const watching = await watch('&resourceVersion=999999999');
    const event = await watching.next();
    expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', status: 'Failure' } });
    expect(await watching.next()).toBeUndefined();
  });

  it('marks the end of the initial state for a streaming list', async () => {
    const name = freshName();
    await server.createPod(name, { metadata: { name, labels: { only: name } } });
    const watching = await watch(`&labelSelector=only%3D${name}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`);
    expect(await brief(watching)).toBe(`ADDED ${name}`);
    expect(await watching.next()).toMatchObject({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } } });
    await server.send('DELETE', `${pods}/${name}`);
    expect(await brief(watching)).toBe(`DELETED ${name}`);
  });

  it('ends when its time is up', async () => {
    const watching = await watch(`&timeoutSeconds=1&resourceVersion=${await revision()}`);
    expect(await watching.next()).toBeUndefined();
  });

  it('ends when the server stops', async () => {
    const other = new TestServer();
    await other.start();
    const watching = await transports[transport](`${other.url}${pods}?watch=true`);
    await other.stop();
    expect(await watching.next()).toBeUndefined();
  });

  it('sends a large initial state whole', async () => {
    const name = freshName();
    const spec = { containers: [{ name: 'main', image: 'x', command: ['x'.repeat(300_000)] }] };
    const names = Array.from({ length: 12 }, (_, index) => `${name}-${index + 10}`);
    for (const each of names) await server.createPod(each, { metadata: { name: each, labels: { large: name } }, spec });
    const watching = await watch(`&labelSelector=large%3D${name}`);
    const seen = [];
    for (const _ of names) seen.push((await watching.next())?.object.metadata.name);
    expect(seen).toEqual(names);
  });
});

describe('watch', () => {
  const server = useTestServer();

  it('is refused before it is upgraded when it makes no sense', async () => {
    await expect(transports.websocket(`${server.url}${pods}?watch=true&resourceVersion=old`)).rejects.toThrow('422');
    await expect(transports.websocket(`${server.url}${pods}`)).rejects.toThrow('400');
    await expect(transports.websocket(`${server.url}/api/v1/widgets?watch=true`)).rejects.toThrow('404');
  });

  it('sends rows of a Table when asked to, the columns once', async () => {
    const response = await fetch(`${server.url}${pods}?watch=true&timeoutSeconds=1`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
    await server.createPod('row-1');
    await server.createPod('row-2');
    const events = (await response.text()).trim().split('\n').map((line) => JSON.parse(line) as { object: { kind: string; columnDefinitions: unknown[]; rows: { cells: unknown[] }[] } });
    expect(events.map(({ object }) => [object.kind, object.rows[0]?.cells[0]])).toEqual([['Table', 'row-1'], ['Table', 'row-2']]);
    expect(events.map(({ object }) => object.columnDefinitions.length > 0)).toEqual([true, false]);
  });

  it('outlives clients that leave in the middle', async () => {
    const watching = await Promise.all(Array.from({ length: 20 }, () => transports.websocket(`${server.url}${pods}?watch=true`)));
    for (const each of watching) each.close();
    expect((await server.send('POST', pods, { body: podBody('after') })).code).toBe(201);
  });
});

describe('watch with a short history', () => {
  const server = useTestServer({ watchHistorySize: 4 });

  it.each(Object.keys(transports) as Transport[])('answers 410 over %s for a start that is no longer kept', async (transport) => {
    const { body } = await server.send<KubeList<Pod>>('GET', pods);
    for (let count = 0; count < 20; count += 1) await server.createPod(`${transport}-${count}`);
    const watching = await transports[transport](`${server.url}${pods}?watch=true&resourceVersion=${body.metadata.resourceVersion}`);
    expect(await watching.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    expect(await watching.next()).toBeUndefined();
  });
});
