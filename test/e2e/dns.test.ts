import { readFileSync } from 'node:fs';
import { isRunning, mustSucceed, podUntil, waitUntil } from '@podling/deploy/observe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPod, closeNamespace, e2eClusterName, e2eWorld, openNamespace, toolboxPod } from '../harness/e2e-cluster.ts';
import { askForNames, findsName, foundName } from '../harness/names.ts';
import { startStubDns, stubDnsAddress } from '../harness/stub-dns.ts';
import type { StubDns } from '../harness/stub-dns.ts';

const world = e2eWorld('dns');
const logs = (pod: string, container = 'main'): Promise<string> => mustSucceed(world.kubectl, ['logs', pod, '-c', container]);
const onNode = (index: number) => ({ nodeSelector: { 'kubernetes.io/hostname': world.cluster.nodes[index]?.name ?? '' } });
const outside = { 'outside.example': '192.0.2.1' };
const names = ['web', 'web-0.web', 'kubernetes.default', 'no-such-service', 'no-such-name.example', ...Object.keys(outside), 'asker-0'];
const files = 'cat /etc/resolv.conf; echo --; cat /etc/hosts; echo --; cat /etc/hostname; echo --';
const pods = ['asker-0', 'asker-1'];
let stub: StubDns;

const finds = (pod: string, name: string, address: string): Promise<unknown> => findsName(world, pod, name, address);

beforeAll(async () => {
  stub = await startStubDns(e2eClusterName, outside);
  await openNamespace(world);
  await world.client.services(world.namespace).create({ metadata: { name: 'web', namespace: world.namespace }, spec: { clusterIP: 'None', selector: { app: 'web' } } });
  await applyPod(world, toolboxPod('web', 'sleep 1000', { labels: { app: 'web' }, spec: { ...onNode(1), hostname: 'web-0', subdomain: 'web' } }));
  for (const [index, name] of pods.entries()) {
    const pod = toolboxPod(name, `${files}; ${askForNames(names)}`, { spec: { ...onNode(index), hostAliases: [{ ip: '192.0.2.9', hostnames: ['alias'] }] } });
    const spec = pod['spec'] as { containers: { name: string }[] };
    spec.containers.push({ ...spec.containers[0], name: 'other', command: ['sh', '-c', `${files}; sleep 1000`] } as { name: string });
    await applyPod(world, pod);
  }
  await Promise.all([...pods, 'web'].map((name) => podUntil(world, name, 'Running', isRunning)));
});

afterAll(async () => {
  await closeNamespace(world);
  await stub.stop();
});

describe('the DNS of pods', () => {
  it.each(pods)('[A7] resolv.conf, hosts and hostname of %s are there when its processes start, the same in every container', async (name) => {
    const { status } = await world.client.pods(world.namespace).get(name);
    const control = new URL(world.cluster.apiserverUrl).hostname;
    const [resolvConf, hosts, hostname] = (await logs(name, 'other')).split('--\n');
    expect(resolvConf?.split('\n')).toEqual([
      'search dns.svc.cluster.local svc.cluster.local cluster.local', `nameserver ${control}`, `nameserver ${stubDnsAddress(e2eClusterName)}`, 'options ndots:5', '',
    ]);
    expect(hosts?.split('\n').filter((line) => !/^(fe00|::1)/.test(line))).toEqual([
      '# Kubernetes-managed hosts file.', '127.0.0.1\tlocalhost', `${status?.podIP}\t${name}`, '', '# Entries added by HostAliases.', '192.0.2.9\talias', '',
    ]);
    expect(hostname?.split('\n')[0]).toBe(name);
    expect((await logs(name)).startsWith(`${resolvConf}--\n${hosts}--\n${name}\n`)).toBe(true);
  });

  it('[A7] resolv.conf and hosts follow dnsPolicy, dnsConfig and hostNetwork; what does not fit is told', async () => {
    const servers = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const dnsConfig = { nameservers: servers, searches: ['a.example'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] };
    const once = { restartPolicy: 'Never' };
    await applyPod(world, toolboxPod('none', files, { spec: { ...once, dnsPolicy: 'None', dnsConfig } }));
    await applyPod(world, toolboxPod('many', files, { spec: { ...once, dnsConfig: { nameservers: servers } } }));
    await applyPod(world, toolboxPod('on-host', files, { spec: { ...once, hostNetwork: true, hostAliases: [{ ip: '192.0.2.9', hostnames: ['alias'] }] } }));
    await Promise.all(['none', 'many', 'on-host'].map((name) => podUntil(world, name, 'Succeeded', ({ status }) => status?.phase === 'Succeeded')));
    const nameservers = servers.map((server) => `nameserver ${server}\n`).join('');
    expect(await logs('none')).toMatch(new RegExp(`^search a\\.example\n${nameservers}options ndots:2 edns0\n--`));
    expect((await logs('many')).match(/^nameserver .*$/gm)).toHaveLength(3);
    const applied = `the applied nameserver line is: ${new URL(world.cluster.apiserverUrl).hostname} ${stubDnsAddress(e2eClusterName)} ${servers[0]}`;
    await waitUntil('the Event', async () => {
      const { items } = await world.client.events(world.namespace).list();
      return items.some(({ reason, message }) => reason === 'DNSConfigForming' && message?.endsWith(applied));
    }, { timeoutMs: 30_000 });
    const [resolvConf, hosts] = (await logs('on-host')).split('--\n');
    expect(resolvConf).toBe(`nameserver ${stubDnsAddress(e2eClusterName)}\n`);
    expect(hosts).toBe(`# Kubernetes-managed hosts file (host network).\n${readFileSync('/etc/hosts', 'utf8')}\n# Entries added by HostAliases.\n192.0.2.9\talias\n`);
  });

  it('[A7] CoreDNS answers for services, and for pods by hostname, on every node', async () => {
    const web = (await world.client.pods(world.namespace).get('web')).status?.podIP ?? '';
    const { spec } = await world.client.services('default').get('kubernetes');
    const { endpoints } = await world.client.endpointSlices('default').get('kubernetes');
    expect(endpoints.map(({ addresses }) => addresses)).toEqual([[new URL(world.cluster.apiserverUrl).hostname]]);
    for (const pod of pods) {
      await finds(pod, 'web', web);
      await finds(pod, 'web-0.web', web);
      await finds(pod, 'kubernetes.default', spec?.clusterIP ?? '');
    }
    expect(await foundName(world, 'asker-0', 'asker-0')).toBe((await world.client.pods(world.namespace).get('asker-0')).status?.podIP);
  });

  it("[A7] CoreDNS asks the machine's own server for all else, and for nothing of the cluster's zone", async () => {
    for (const pod of pods) {
      await finds(pod, 'outside.example', outside['outside.example']);
      await finds(pod, 'no-such-name.example', '');
      await finds(pod, 'no-such-service', '');
    }
    expect(stub.asked).toContain('outside.example');
    expect(stub.asked.filter((name) => name.endsWith('cluster.local'))).toEqual([]);
  });
});
