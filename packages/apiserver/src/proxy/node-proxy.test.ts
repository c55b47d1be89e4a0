import { afterEach, describe, expect, it } from 'vitest';
import type { Node } from '@podling/shared/api';
import { KubeletAddressGuard } from './kubelet-address.ts';
import { NodeProxy } from './node-proxy.ts';

const nodeAt = (address: string, Port = 1): Node =>
  ({ metadata: { name: 'n1' }, status: { addresses: [{ type: 'InternalIP', address }], daemonEndpoints: { kubeletEndpoint: { Port } } } });

describe('the node proxy', () => {
  const proxies: NodeProxy[] = [];
  const ask = (node: Node, allowsLoopback: boolean): Promise<unknown> => {
    const proxy = new NodeProxy({}, new KubeletAddressGuard({ allowsLoopback }));
    proxies.push(proxy);
    return proxy.get(node, '/healthz', new AbortController().signal);
  };

  afterEach(async () => {
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  });

  it.each(['127.0.0.1', '127.8.9.10', '127.1', '2130706433', '0x7f000001', '::1', '::ffff:127.0.0.1', '0.0.0.0', '::'])(
    'does not go to %s on its own machine', async (address) => {
      await expect(ask(nodeAt(address), false)).rejects.toMatchObject({ code: 400, message: expect.stringContaining('not allowed') });
    });

  it('does not go to its own machine by name', async () => {
    await expect(ask(nodeAt('localhost'), false)).rejects.toThrow('is not allowed');
  });

  it.each(['169.254.169.254', 'fe80::1', '224.0.0.1', 'ff02::1', '::ffff:169.254.1.1'])('does not go to %s, wherever it runs', async (address) => {
    await expect(ask(nodeAt(address), true)).rejects.toMatchObject({ code: 400 });
  });

  it.each(['someone@10.0.0.1', '10.0.0.1/pods?', '10.0.0.1#', 'a b', '..'])('takes %j for no address', async (address) => {
    await expect(ask(nodeAt(address), true)).rejects.toMatchObject({ code: 400 });
  });

  it.each(['127.0.0.1', 'localhost'])('goes to %s when the cluster is there', async (address) => {
    await expect(ask(nodeAt(address), true)).rejects.toMatchObject({ code: 503, message: expect.stringContaining('cannot be reached') });
  });

  it('answers 503, and not when to come again, for a node without an address or a kubelet', async () => {
    for (const node of [nodeAt('127.0.0.1'), nodeAt('')]) {
      const error: unknown = await ask(node, true).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 503 });
      expect(error).not.toHaveProperty('status.details.retryAfterSeconds');
    }
  });
});
