import type { IncomingMessage, ServerResponse } from 'node:http';
import { FakeClock } from '@podling/shared/testing';
import { createLogger } from '@podling/shared/util';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Node, Pod } from '@podling/shared/api';
import { KubeletAddressGuard } from '../proxy/kubelet-address.ts';
import { NodeProxy } from '../proxy/node-proxy.ts';
import { createTestAuthority } from '../testing/certificates.ts';
import type { PemPair, TestAuthority } from '../testing/certificates.ts';
import { MeteredKubelet } from '../testing/metered-kubelet.ts';
import type { NodePoints } from './node-points.ts';
import { ResourceMetrics } from './resource-metrics.ts';

/** Whoever sleeps takes time with them. */
class LeapingClock extends FakeClock {
  override sleep(delayMs: number): Promise<void> {
    return this.advance(delayMs);
  }
}

/** `text` is what the kubelet would say. */
type Answer = (request: IncomingMessage, response: ServerResponse, text: string) => void;

const endless: Answer = (_request, response) => {
  const more = (): void => { while (response.write('node_cpu_usage_seconds_total 1 1\n'.repeat(1000))); };
  response.on('drain', more);
  more();
};

/** Answers that are none. */
const failures: Record<string, Answer> = {
  'refuses us': (_request, response, text) => response.writeHead(403).end(text),
  'sends us elsewhere': (_request, response, text) => response.writeHead(302, { location: '/metrics/resource' }).end(text),
  'breaks off': (_request, response) => {
    response.write('node_cpu_usage_seconds_total 1 1\n');
    setImmediate(() => response.destroy());
  },
  'never ends': endless,
  'tells nonsense': (_request, response) => response.end('\u0000{"kind":"Status"}\nnode_cpu_usage_seconds_total{ NaN\n'),
  'tells nothing': (_request, response) => response.end(),
};

describe('the metrics of nodes', () => {
  let authority: TestAuthority;
  let serving: PemPair;
  let clock: LeapingClock;
  let proxy: NodeProxy;
  let metrics: ResourceMetrics;
  let stopping: AbortController;
  const kubelets: MeteredKubelet[] = [];

  beforeAll(async () => {
    authority = await createTestAuthority('test-ca');
    serving = await authority.issue('kubelet');
  });

  beforeEach(async () => {
    [clock, stopping] = [new LeapingClock(), new AbortController()];
    const client = await authority.issue('client');
    proxy = new NodeProxy({ certificateAuthority: authority.cert, clientCertificate: client.cert, clientKey: client.key }, new KubeletAddressGuard({ allowsLoopback: true }));
    metrics = new ResourceMetrics({ ask: (node, path, signal) => proxy.get(node, path, signal), clock, logger: createLogger('test', 'silent'), stopping: stopping.signal });
  });

  afterEach(async () => {
    await proxy.close();
    await Promise.all(kubelets.splice(0).map((kubelet) => kubelet.close()));
  });

  async function start({ answer, as = serving }: { answer?: Answer; as?: PemPair } = {}): Promise<MeteredKubelet> {
    const kubelet = new MeteredKubelet(as, authority.cert, () => clock.now());
    if (answer) kubelet.fake.answer = (request, response) => answer(request, response, kubelet.text());
    await kubelet.listen();
    kubelets.push(kubelet);
    return kubelet;
  }

  const ask = (...nodes: Node[]): Promise<ReadonlyMap<string, NodePoints>> => metrics.latest(nodes.map((node) => ({ node, pods: [] })));

  it.each(Object.entries(failures))('lack a node whose kubelet %s, and no other', async (_what, answer) => {
    const [good, bad] = [await start(), await start({ answer })];
    const found = await ask(bad.asNode('bad'), good.asNode('good'));
    expect([found.get('good')?.node()?.cpuNanoCores, found.get('bad')?.node()]).toEqual([250_000_000, undefined]);
  });

  it.each<[string, Answer]>([
    ['refuses at length', (request, response, text) => void endless(request, response.writeHead(500), text)],
    ['never ends', endless],
  ])('hold no connection to a kubelet that %s', async (_what, answer) => {
    const kubelet = await start({ answer });
    await ask(kubelet.asNode('n1'));
    await vi.waitFor(() => expect([kubelet.scrapes, kubelet.fake.connections]).toEqual([1, 0]), { timeout: 10_000 });
  });

  it('lack a node that is gone, one without an address, and one that shows a stranger\'s certificate', async () => {
    const stranger = await createTestAuthority('stranger');
    const [good, gone, foreign] = [await start(), await start(), await start({ as: await stranger.issue('kubelet') })];
    await gone.close();
    const found = await ask(good.asNode('good'), gone.asNode('gone'), foreign.asNode('foreign'), { metadata: { name: 'new' } });
    expect([...found].map(([name, points]) => [name, points.node() !== undefined])).toEqual([['good', true], ['gone', false], ['foreign', false], ['new', false]]);
    expect(foreign.scrapes).toBe(0);
  });

  it('wait no more than a while for a kubelet that does not answer, or not to the end', async () => {
    const [silent, slow] = [await start({ answer: () => undefined }), await start({ answer: (_request, response) => response.write('node_') })];
    const asked = ask(silent.asNode('silent'), slow.asNode('slow'));
    await vi.waitFor(() => expect([silent.scrapes, slow.scrapes]).toEqual([1, 1]));
    await clock.advance(10_000);
    expect([...(await asked).values()].map((points) => points.node())).toEqual([undefined, undefined]);
  });

  it('ask all kubelets at the same time', async () => {
    const waiting: ServerResponse[] = [];
    const all = await Promise.all(Array.from({ length: 5 }, () => start({ answer: (_request, response) => void waiting.push(response) })));
    const asked = ask(...all.map((kubelet, index) => kubelet.asNode(`n${index}`)));
    await vi.waitFor(() => expect(waiting).toHaveLength(5));
    for (const response of waiting) response.end();
    expect((await asked).size).toBe(5);
  });

  it('look again for a container that runs by now and was not there', async () => {
    const kubelet = await start();
    await ask(kubelet.asNode('n1'));
    await clock.advance(2000);
    kubelet.loads = [{ namespace: 'default', pod: 'web', container: 'main', cpu: 2, memoryBytes: 1, startMs: clock.now() }];
    const pod = (state: object): Pod => ({
      metadata: { name: 'web', namespace: 'default' }, spec: { containers: [] }, status: { initContainerStatuses: [{ name: 'main', image: '', imageID: '', ready: true, restartCount: 0, state }] },
    });
    const find = async (state: object) => (await metrics.latest([{ node: kubelet.asNode('n1'), pods: [pod(state)] }])).get('n1')?.pod('default', 'web');
    expect(await find({ waiting: {} })).toBeUndefined();
    expect((await find({ running: {} }))?.[0]?.cpuNanoCores).toBe(2e9);
  });

  it('end with the server', async () => {
    const silent = await start({ answer: () => undefined });
    const asked = ask(silent.asNode('silent'));
    await vi.waitFor(() => expect(silent.scrapes).toBe(1));
    stopping.abort(new Error('stopping'));
    expect((await asked).get('silent')?.node()).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });
});
